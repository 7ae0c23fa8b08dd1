// Passkeys of people with an account here (WebAuthn Level 3): one is made, and one signs in. A passkey is always enough by
// itself, so the person is always verified. Which pages there are, and who may come to them, stands elsewhere.
import { randomBytes } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { PageRequest } from '../people.ts'
import type { Passkey } from '../store/passkeys.ts'
import type { Repositories, Store } from '../store/store.ts'
import type { Person } from '../store/users.ts'
import type { BegunLogin, LoginCookie } from './login-cookie.ts'
import {
  CHALLENGE_SECONDS,
  createPasskeyChallenges,
  type OpenedChallenge,
  type PasskeyChallenges,
} from './passkey-challenge.ts'
import {
  type Expected,
  PASSKEY_ALGORITHMS,
  readResponse,
  verifyAuthentication,
  verifyRegistration,
} from './passkey-response.ts'

/** Of one person. */
export const MAX_PASSKEYS = 20
/** WebAuthn §7.1: no authenticator makes a longer id. */
const MAX_CREDENTIAL_ID_BYTES = 1_023
/** Of the name that a person gives it. */
export const MAX_PASSKEY_NAME_CHARS = 64
const MAX_TRANSPORTS = 8
const USER_HANDLE_BYTES = 32

export interface PasskeyParts {
  readonly store: Store
  readonly loginCookie: LoginCookie
  /** The origin of `public_url`. */
  readonly origin: string
  readonly rpId: string
  /** What authenticators show as the place that it is for. */
  readonly rpName: string
}

/** A passkey that has been proved, to be kept in the transaction in which something allows it. */
export interface ProvedPasskey {
  /**
   * Whether it was kept, or why not: its challenge was used before, somebody has it already, or the person has too many.
   * @param beside the passkeys that the person has, or in place of them
   */
  keep(
    within: Repositories,
    passkey: { readonly subject: string; readonly name: string; readonly beside: boolean },
  ): Promise<'kept' | 'used' | 'known' | 'many'>
}

export interface PasskeySignIn {
  /** The browser's answer. */
  readonly response: string
  /** The token of the form that it came with. */
  readonly form: string
  readonly page: Pick<PageRequest, 'request' | 'address'>
  /** The browser is signed out after so long without use. */
  readonly lifeSeconds: number
}

/** What is for the browser is JSON of WebAuthn §5.1.8 and §5.1.9, with a challenge for the form of this token. */
export interface PasskeyCeremonies {
  creationOptions(person: Person, form: string): Promise<string>
  /** Undefined when it is not what was asked for. */
  proveNew(form: string, response: string): Promise<ProvedPasskey | undefined>
  requestOptions(form: string): string
  /** Undefined when nobody is signed in by it. */
  signIn(attempt: PasskeySignIn): Promise<BegunLogin | undefined>
  /** Those of the person that can be used here, oldest first. */
  usable(within: Pick<Repositories, 'passkeys'>, subject: string): Promise<readonly Passkey[]>
}

interface Assembled extends PasskeyParts {
  readonly challenges: PasskeyChallenges
}

export function createPasskeyCeremonies(parts: PasskeyParts): PasskeyCeremonies {
  const assembled = { ...parts, challenges: createPasskeyChallenges(parts.store) }
  const { store, rpId, challenges } = assembled
  return {
    usable: async ({ passkeys }, subject) =>
      (await passkeys.of(subject)).filter((passkey) => passkey.rpId === rpId),
    async creationOptions(person, form) {
      const own = await store.passkeys.of(person.subject)
      const userHandle = own[0]?.userHandle ?? randomBytes(USER_HANDLE_BYTES).toString('base64url')
      return creationJson(assembled, {
        person,
        own,
        userHandle,
        challenge: challenges.make(form, userHandle),
      })
    },
    proveNew: (form, response) => proveNew(assembled, form, response),
    requestOptions: (form) =>
      JSON.stringify({
        challenge: challenges.make(form, ''),
        rpId,
        allowCredentials: [],
        userVerification: 'required',
        timeout: CHALLENGE_SECONDS * 1_000,
      }),
    signIn: (attempt) => signInByPasskey(assembled, attempt),
  }
}

interface Creation {
  readonly person: Person
  /** What they have already: not made again on the same device. */
  readonly own: readonly Passkey[]
  readonly userHandle: string
  readonly challenge: string
}

function creationJson(
  { rpId, rpName }: PasskeyParts,
  { person, own, userHandle, challenge }: Creation,
): string {
  return JSON.stringify({
    challenge,
    rp: { id: rpId, name: rpName },
    user: { id: userHandle, name: person.subject, displayName: person.name },
    pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: {
      ...{ residentKey: 'required', requireResidentKey: true },
      userVerification: 'required',
    },
    excludeCredentials: own.map(({ id, transports }) => ({ type: 'public-key', id, transports })),
    attestation: 'none',
    timeout: CHALLENGE_SECONDS * 1_000,
  })
}

/** Opens the challenge of a response while it is verified. */
function expectedFor({ challenges, origin, rpId }: Assembled, form: string) {
  const found: { opened?: OpenedChallenge } = {}
  const isOurs = (challenge: string) => {
    const opened = challenges.open(form, challenge)
    if (opened !== undefined) found.opened = opened
    return opened !== undefined
  }
  return { found, expected: { isOurs, origin, rpId } satisfies Expected }
}

async function proveNew(parts: Assembled, form: string, text: string): Promise<ProvedPasskey | undefined> {
  const response = readResponse<RegistrationResponseJSON>(text)
  const { found, expected } = expectedFor(parts, form)
  const proved = response && (await verifyRegistration(response, expected))
  const { opened } = found
  if (proved === undefined || opened === undefined) return undefined
  const { credential, credentialBackedUp: isSynced } = proved
  const { id, publicKey, counter } = credential
  if (Buffer.from(id, 'base64url').length > MAX_CREDENTIAL_ID_BYTES) return undefined
  const transports = transportsOf(credential.transports)
  const { rpId, challenges } = parts
  const made = { id, publicKey, counter, transports, isSynced, rpId, userHandle: opened.userHandle }
  return {
    async keep(within, { subject, name, beside }) {
      if (!(await challenges.use(within, opened))) return 'used'
      if ((await within.passkeys.find(id)) !== undefined) return 'known'
      if (!beside) await within.passkeys.removeAll(subject)
      else if ((await within.passkeys.of(subject)).length >= MAX_PASSKEYS) return 'many'
      await within.passkeys.add({ ...made, subject, name })
      return 'kept'
    },
  }
}

async function signInByPasskey(
  parts: Assembled,
  { response: text, form, page, lifeSeconds }: PasskeySignIn,
): Promise<BegunLogin | undefined> {
  const { store, rpId, challenges, loginCookie } = parts
  const response = readResponse<AuthenticationResponseJSON>(text)
  const passkey = response && (await store.passkeys.find(response.id))
  if (passkey === undefined || response === undefined) return undefined
  // PK-04: whose it is stands in the passkey itself too, so nobody's is taken for that of another person.
  if (passkey.rpId !== rpId || response.response.userHandle !== passkey.userHandle) return undefined
  const { found, expected } = expectedFor(parts, form)
  const proved = await verifyAuthentication(response, passkey, expected)
  const { opened } = found
  if (proved === undefined || opened === undefined) return undefined
  const { id, subject, counter } = passkey
  return store.transaction(async (within) => {
    const person = await within.users.find(subject)
    if (person === undefined || person.disabled || person.provider !== undefined) return undefined
    if (!(await challenges.use(within, opened))) return undefined
    if (!(await within.passkeys.use(id, counter, proved.newCounter))) return undefined
    await within.users.recordSignIn(subject)
    return await loginCookie.begin(within, { page, subject, lifeSeconds })
  })
}

/** What the browser says of how it reaches it; words of ours are not made of it. */
function transportsOf(said: unknown): string[] {
  const words = Array.isArray(said) ? said.filter((one): one is string => typeof one === 'string') : []
  return words.filter((word) => /^[a-z-]{1,32}$/.test(word)).slice(0, MAX_TRANSPORTS)
}
