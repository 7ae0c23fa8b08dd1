// The way of a client from nothing to tokens, with every choice that real clients make differently left open.
import type { DemoPerson } from '../../../src/cli/demo/person.ts'
import { type Answer, pkce, post, postForm, type Whole } from './whole.ts'

export interface ClientHabits {
  readonly redirectUri: string
  /** Registered redirect addresses, when they differ from the one that is used. */
  readonly registeredUris?: readonly string[]
  /** Members of the registration beside the usual ones. */
  readonly registration?: Readonly<Record<string, unknown>>
  /** Id of a metadata document: then nothing is registered. */
  readonly documentId?: string
  /** Sent at /authorize; undefined: absent. */
  readonly scope?: string
  /** Sent at /authorize and /token; undefined: absent. */
  readonly resource?: string
  readonly state?: string
  /** `consent`: the person is asked again. */
  readonly prompt?: string
}

/** What a sign-in needs of a gateway. */
export type Front = Pick<Whole, 'origin' | 'person'>

export interface SignedIn {
  readonly clientId: string
  readonly registered: Answer | undefined
  /** Parameters of the redirect. */
  readonly back: URLSearchParams
  readonly landed: URL
  readonly token: Answer
  readonly accessToken: string
  readonly refreshToken: string | undefined
}

export async function register(whole: Front, habits: ClientHabits): Promise<Answer> {
  return await post(`${whole.origin}/register`, {
    redirect_uris: habits.registeredUris ?? [habits.redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...habits.registration,
  })
}

export async function signIn(
  whole: Front,
  habits: ClientHabits,
  person: DemoPerson = whole.person(),
): Promise<SignedIn> {
  const registered = habits.documentId === undefined ? await register(whole, habits) : undefined
  const clientId = habits.documentId ?? String(registered?.json['client_id'])
  return { registered, ...(await authorize(whole, habits, clientId, person)) }
}

/** With a client that is known already. */
export async function authorize(
  whole: Front,
  habits: ClientHabits,
  clientId: string,
  person: DemoPerson = whole.person(),
): Promise<Omit<SignedIn, 'registered'>> {
  const asked = await askForCode(whole, habits, clientId, person)
  const { landed } = asked
  const token = await exchangeCode(whole, habits, clientId, asked)
  const { access_token: accessToken, refresh_token: refreshToken } = token.json
  return {
    clientId,
    landed,
    back: landed.searchParams,
    token,
    accessToken: String(accessToken),
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
  }
}

export interface AskedCode {
  /** Where the browser came to, with the code. */
  readonly landed: URL
  readonly verifier: string
}

export async function askForCode(
  whole: Front,
  { redirectUri, scope, resource, state, prompt }: ClientHabits,
  clientId: string,
  person: DemoPerson = whole.person(),
): Promise<AskedCode> {
  const { verifier, challenge } = pkce()
  const url = new URL(`${whole.origin}/authorize`)
  const asked = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    scope,
    resource,
    state,
    prompt,
  }
  for (const [name, value] of Object.entries(asked))
    if (value !== undefined) url.searchParams.set(name, value)
  return { landed: await person.browse(url), verifier }
}

export function exchangeCode(
  whole: Front,
  { redirectUri, resource }: ClientHabits,
  clientId: string,
  { landed, verifier }: AskedCode,
): Promise<Answer> {
  return postForm(`${whole.origin}/token`, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code: landed.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
    resource,
  })
}

export function refresh(
  whole: Whole,
  clientId: string,
  refreshToken: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return postForm(`${whole.origin}/token`, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: refreshToken,
    ...more,
  })
}
