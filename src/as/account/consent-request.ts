// What the consent page of an interaction is about: who is asked, for what, and which scopes it offers besides, because
// calls were refused for want of them a moment ago.
import type { IncomingMessage } from 'node:http'
import type { Interaction } from 'oidc-provider'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { AuthorizationEvent, OnEvent } from '../events.ts'
import type { AccessRequest, Engine } from '../people.ts'
import { entitledScopes, hasLostAll } from './entitlement.ts'
import type { FindSignedIn } from './find-signed-in.ts'
import { offeredOn, offerOn } from './offers.ts'

export interface ConsentRequest {
  readonly subject: string
  readonly person: string
  /** With only the scopes that this person may be given. */
  readonly request: AccessRequest
  /** Every scope that was asked for. */
  readonly wanted: readonly string[]
  /** Scopes that calls were refused for, and that this person may be given; none of those that were asked for. */
  readonly offered: readonly string[]
}

interface ConsentRequestParts {
  readonly engine: Engine
  readonly settings: AuthorizationServerSettings
  readonly findSignedIn: FindSignedIn
}

/**
 * Undefined when nothing may be given: nobody is signed in, or the person may have none of the scopes.
 * @param shown whether the page may take an offer, or goes on with the one that it has
 */
export async function consentOf(
  { engine, settings, findSignedIn }: ConsentRequestParts,
  browser: IncomingMessage,
  interaction: Interaction,
  shown: 'first' | 'again',
): Promise<ConsentRequest | undefined> {
  const person = await findSignedIn(browser, interaction.session?.accountId)
  if (person === undefined) return undefined
  const request = engine.accessRequest(interaction)
  const { subject } = person
  const { scopes: wanted } = request
  const scopes = entitledScopes(settings.grants, person, wanted)
  if (hasLostAll(wanted, scopes)) return undefined
  const missing =
    shown === 'first'
      ? await offerOn(engine, interaction.uid, { ...request, subject })
      : await offeredOn(engine, interaction.uid)
  const offered = entitledScopes(settings.grants, person, missing).filter((scope) => !wanted.includes(scope))
  return { subject, person: person.name, request: { ...request, scopes }, wanted, offered }
}

/** CDP-02: what is agreed to is what was shown, to whom it was shown. */
export function consentShown({ subject, request, offered }: ConsentRequest): string {
  const { clientId, redirectUri = '', resource, scopes } = request
  return JSON.stringify([subject, clientId, redirectUri, resource, scopes, offered])
}

/** As if the client had asked for this: its code and its tokens are for what was asked for and granted. */
export async function replaceRequest(
  { resource, scopes }: Pick<AccessRequest, 'resource' | 'scopes'>,
  interaction: Interaction,
): Promise<void> {
  Object.assign(interaction.params, { resource, scope: scopes.join(' ') })
  await interaction.persist()
}

/** What was offered and what was ticked, for the audit; nothing where nothing was offered. */
export function reportOffer(
  { offered }: ConsentRequest,
  ticked: readonly string[],
  about: Omit<AuthorizationEvent, 'event'>,
  onEvent: OnEvent,
): void {
  if (offered.length === 0) return
  const detail = `offered ${offered.join(' ')}; ticked ${ticked.join(' ') || 'nothing'}`
  onEvent({ event: 'step_up_offered', ...about, detail })
}

export interface ResourceChoice {
  readonly subject: string
  readonly person: string
  /** One for each server that the person may choose. */
  readonly requests: readonly AccessRequest[]
}

/** Undefined when nobody is signed in, or when there is nothing to choose. */
export async function choiceOf(
  { engine, settings, findSignedIn }: ConsentRequestParts,
  browser: IncomingMessage,
  interaction: Interaction,
): Promise<ResourceChoice | undefined> {
  const person = await findSignedIn(browser, interaction.session?.accountId)
  if (person === undefined) return undefined
  const requests = engine
    .choices(interaction)
    .filter(({ scopes }) => !hasLostAll(scopes, entitledScopes(settings.grants, person, scopes)))
  return requests.length === 0 ? undefined : { subject: person.subject, person: person.name, requests }
}

export function choiceShown({ subject, requests }: ResourceChoice): string {
  return JSON.stringify([subject, ...requests.map(({ clientId, resource }) => [clientId, resource])])
}
