// People who sign in to the console at an issuer: there, and back with an ID token, whose claims the rules are asked with.
// No token of the issuer is kept.

import { type ConsoleLogin, createConsoleLogin, type OwnServerNow } from '../as/browser/console-login.ts'
import { createOidcLogin } from '../as/browser/oidc-login.ts'
import { newPendingAuthorization } from '../as/sign-in/code-flow.ts'
import type { PendingAuthorization, SignInRefusal } from '../as/sign-in/provider.ts'
import { createRoundTrip, type RoundTrip } from '../as/sign-in/round-trip.ts'
import { createBrowserStateInMemory } from '../as/web/browser-state.ts'
import { createCookieJar } from '../as/web/cookies.ts'
import { TOO_MANY_SIGN_INS } from '../as/web/sign-in-rate.ts'
import type { AuditEvent } from '../core/audit-event.ts'
import { CALLBACK_PATH, CONSOLE_PATH } from '../core/console-paths.ts'
import { actorOf, type Operator } from '../core/operator.ts'
import type { IssuerSettings, Settings } from '../core/settings.ts'
import type { OperatorPeople } from '../core/settings-admin.ts'
import type { AdminContext } from '../http/admin-page.ts'
import { digestOfParts } from '../lib/digest-of-parts.ts'
import { refusedPage, tooManyPage, type WayPage } from './pages.ts'
import { createReadPerson, type ReadPerson } from './people-rules.ts'

const CLOCK = { now: () => Date.now() }

export interface PeopleParts {
  readonly settings: () => Settings
  /** Of the console, as browsers are told it. */
  readonly origin: () => string
  readonly record: (event: AuditEvent) => void
  readonly addressOf: (context: AdminContext) => string
  /** The authorization server of this gateway, where it has one. */
  readonly ownServer: OwnServerNow
}

/** A page to show, or the address that the browser is sent to; each with Set-Cookie values. */
export type Way =
  | { readonly kind: 'page'; readonly page: WayPage; readonly cookies: readonly string[] }
  | { readonly kind: 'away'; readonly location: string; readonly cookies: readonly string[] }
  | { readonly kind: 'in'; readonly operator: Operator; readonly cookies: readonly string[] }

export interface PeopleSignIn {
  begin(context: AdminContext): Promise<Way>
  finish(context: AdminContext): Promise<Way>
}

interface UnderWay {
  readonly issuer: string
  readonly pending: PendingAuthorization
}

/** What one reading of the file says of people. */
interface Reading {
  readonly people: OperatorPeople
  readonly issuer: IssuerSettings
  readonly origin: string
  readonly login: ConsoleLogin
  readonly readPerson: ReadPerson
  readonly roundTrip: RoundTrip<UnderWay>
}

export function createPeopleSignIn(parts: PeopleParts): PeopleSignIn {
  const { record, addressOf } = parts
  const state = createBrowserStateInMemory(CLOCK)(undefined)
  const reading = createReadings(parts, state)
  const refuse = (context: AdminContext, refusal: SignInRefusal, cookies: readonly string[]): Way => {
    const { why, detail } = refusal
    record({ event: 'operator_sign_in_refused', actor: 'unknown', address: addressOf(context), detail })
    return { kind: 'page', page: why === 'unreachable' ? UNREACHABLE : NOT_ENDED, cookies }
  }
  return {
    async begin(context) {
      const known = reading()
      if (known === undefined) return NOWHERE
      const address = addressOf(context)
      const tooMany = state.signInRate.take(address)
      if (tooMany !== undefined) {
        const refused = {
          event: 'operator_sign_in_refused',
          actor: 'unknown',
          address,
          detail: TOO_MANY_SIGN_INS,
        }
        if (tooMany.isNews) record(refused)
        return { kind: 'page', page: tooManyPage(tooMany.waitSeconds), cookies: [] }
      }
      const pending = newPendingAuthorization()
      const begun = await known.login.client.begin(wantedOf(known), pending, address)
      if (!begun.ok) return refuse(context, begun, [])
      const cookies = [known.roundTrip.begin({ issuer: known.people.issuer, pending })]
      return { kind: 'away', location: begun.value, cookies }
    },
    async finish(context) {
      const known = reading()
      if (known === undefined) return NOWHERE
      const { incoming } = context.env
      const arrived = new URL(incoming.url ?? '', known.origin)
      const cleared = [known.roundTrip.clear()]
      const isHere = ({ issuer }: UnderWay) => issuer === known.people.issuer
      const returned = await known.roundTrip.end(incoming, arrived, isHere)
      // Nothing was begun here, so whoever asks may be anybody, and there is nothing to record.
      if (!returned.ok && returned.fault === 'foreign')
        return { kind: 'page', page: NOT_ENDED, cookies: cleared }
      if (!returned.ok)
        return refuse(context, { ok: false, why: 'refused', detail: returned.detail }, cleared)
      const address = addressOf(context)
      const { pending } = returned.value
      const got = await known.login.client.finish(wantedOf(known), arrived, pending, address)
      if (!got.ok) return refuse(context, got, cleared)
      const person = known.readPerson(got.value.claims)
      if (!person.ok) return refuse(context, { ok: false, why: 'refused', detail: NO_SUBJECT }, cleared)
      const operator = person.value
      if (operator.rights.size > 0) return { kind: 'in', operator, cookies: cleared }
      record({ event: 'operator_sign_in_refused', ...actorOf(operator), address, detail: 'no rule fits' })
      return { kind: 'page', page: refusedPage(403, NO_RULE), cookies: cleared }
    },
  }
}

const NOWHERE: Way = {
  kind: 'page',
  page: refusedPage(404, 'People do not sign in here: the file names no issuer for them.'),
  cookies: [],
}
const UNREACHABLE = refusedPage(502, 'Nobody can sign in there now. Try again later.')
const NOT_ENDED = refusedPage(403, 'The sign-in did not come to an end. Begin again.')
const NO_SUBJECT = 'the ID token has not the claim that is the subject in access tokens (claims.subject)'
const NO_RULE = 'You are signed in there, but no rule of this gateway lets you in.'

/** Nothing but who it is. */
function wantedOf({ people }: Reading) {
  return { resource: '', scopes: people.client?.scopes ?? [] }
}

/** Made anew by a reload that changes what it is made of. */
function createReadings(
  { settings, origin, ownServer }: PeopleParts,
  state: ReturnType<ReturnType<typeof createBrowserStateInMemory>>,
): () => Reading | undefined {
  let [madeOf, reading]: [string, Reading | undefined] = ['', undefined]
  return () => {
    const now = settings()
    const { people } = now.admin
    const parts = digestOfParts([people, people && now.issuers.get(people.issuer), origin()])
    if (parts === madeOf) return reading
    void reading?.login.close()
    ;[madeOf, reading] = [parts, readingOf(now, origin(), state, ownServer)]
    return reading
  }
}

function readingOf(
  { admin: { people }, issuers }: Settings,
  origin: string,
  state: Parameters<typeof createRoundTrip>[1],
  ownServer: OwnServerNow,
): Reading | undefined {
  const issuer = people && issuers.get(people.issuer)
  if (people === undefined || issuer === undefined) return undefined
  const jar = createCookieJar(origin.startsWith('https:'), { path: CONSOLE_PATH })
  return {
    ...{ people, issuer, origin },
    login: issuer.embedded
      ? createConsoleLogin(ownServer, origin + CALLBACK_PATH)
      : loginAt(issuer, people, origin),
    readPerson: createReadPerson(people, issuer),
    roundTrip: createRoundTrip<UnderWay>(jar, state, 'console-login'),
  }
}

function loginAt(issuer: IssuerSettings, { client }: OperatorPeople, origin: string): ConsoleLogin {
  const { name, issuer: identifier, allowInsecureIssuer, ca, overrides } = issuer
  return createOidcLogin({
    ...{ name, issuer: identifier, allowInsecureIssuer, ca, overrides },
    clientId: client?.id ?? '',
    clientSecret: client?.secret,
    tellsResource: false,
    parameters: client?.parameters ?? {},
    publicOrigin: origin,
    callbackPath: CALLBACK_PATH,
    now: CLOCK.now,
  })
}
