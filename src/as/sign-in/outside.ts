// The way through an outside provider and back: what is kept meanwhile, that it is used once and by the browser that
// began, and who may come in. Where the person goes afterwards is up to whoever began.
import type { IncomingMessage } from 'node:http'
import type { PartStatus } from '../../core/route.ts'
import type { ProviderSettings, SignInSettings } from '../../core/settings-as.ts'
import type { CookieJar } from '../browser/cookies.ts'
import { createSealedCookie } from '../browser/sealed-cookie.ts'
import { ofKind } from '../store/single-use.ts'
import type { Store } from '../store/store.ts'
import type { Person, Users } from '../store/users.ts'
import { mayEnter, type OutsideIdentity, whyNot } from './allow.ts'
import { newPending } from './code-flow.ts'
import { createLine } from './line.ts'
import { createOAuthProvider } from './oauth.ts'
import { createOidcProvider } from './oidc.ts'
import {
  type Outcome,
  type OutsideProvider,
  type Pending,
  type Prompt,
  type Refused,
  voucherOf,
} from './provider.ts'

/** CDP-04 */
const WAY_SECONDS = 10 * 60
const CALLBACK = '/sign-in/callback/'
/** Where the form leads: a page of ours that goes on to the provider (see pages/page.ts on `form-action`). */
export const LEAVE_PATH = '/sign-in/leave'

/** In the browser's cookie, sealed: what the callback is held against. */
interface Way {
  readonly provider: string
  readonly pending: Pending
  /** At the provider. */
  readonly location: string
  /** Same-origin path to go on to. */
  readonly back: string
}

export interface Departure {
  readonly location: typeof LEAVE_PATH
  readonly cookie: string
}

export interface Arrival {
  readonly subject: string
  readonly provider: string
  readonly back: string
  /** Ends the cookie of the way. */
  readonly cookie: string
}

/** With the way on where it is certain that this browser began. */
export type Arrived =
  | { readonly ok: true; readonly value: Arrival }
  | (Refused & { readonly way?: Pick<Arrival, 'back' | 'cookie'> })

export interface Outside {
  readonly providers: readonly OutsideProvider[]
  /** The provider that a path is the callback of; each has its own (RFC 9700 §4.4.2.2). */
  providerAt(path: string): string | undefined
  /**
   * Call it for a form that the person has just submitted: only then is there a `state` (CDP-04, A21).
   * @param back same-origin path to go on to
   */
  depart(provider: string, back: string, prompt: Prompt): Promise<Outcome<Departure>>
  /** Where the provider's page is, for the browser that departs; undefined for any other. */
  locationFor(request: IncomingMessage): string | undefined
  arrive(request: IncomingMessage, provider: string): Promise<Arrived>
  /** Where somebody signed in; undefined for people with a password here. */
  providerOf(person: Person | undefined): OutsideProvider | undefined
  /** Asks each provider for what a sign-in needs; what an operator should know of it. */
  probe(): Promise<readonly string[]>
  status(): readonly PartStatus[]
  close(): Promise<void>
}

export interface OutsideParts {
  /** Origin of the public URL. */
  readonly issuer: string
  readonly settings: SignInSettings
  readonly store: Store
  readonly users: Users
  readonly jar: CookieJar
}

export function createOutside(parts: OutsideParts): Outside {
  const { issuer, settings, store, jar } = parts
  const providers = createProviders(parts)
  const cookie = createSealedCookie<Way>(jar, store, 'way')
  const { providerTokens: tokens } = store
  const usedStates = ofKind(store.singleUses, 'used sign-in state')
  return {
    providers: [...providers.values()],
    providerAt: (path) => {
      const name = path.startsWith(CALLBACK) ? path.slice(CALLBACK.length) : undefined
      return name !== undefined && providers.has(name) ? name : undefined
    },
    async depart(name, back, prompt) {
      const provider = providers.get(name)
      if (provider === undefined) return refused('unknown provider')
      const pending = newPending()
      const begun = await provider.begin(`${issuer}${CALLBACK}${name}`, pending, prompt)
      if (!begun.ok) return begun
      const way: Way = { provider: name, pending, location: begun.value, back }
      return { ok: true, value: { location: LEAVE_PATH, cookie: cookie.write(way, WAY_SECONDS) } }
    },
    async probe() {
      const all = [...providers.values()]
      const found = await Promise.all(all.map(async (one) => ({ name: one.name, why: await one.probe() })))
      return found.flatMap(({ name, why }) => (why === undefined ? [] : [`provider ${name}: ${why}`]))
    },
    status: () => [...providers.values()].map((provider) => provider.status()),
    close: async () => void (await Promise.all([...providers.values()].map((provider) => provider.close()))),
    providerOf: (person) => (person?.provider === undefined ? undefined : providers.get(person.provider)),
    locationFor: (request) => cookie.read(request)?.location,
    async arrive(request, name) {
      const way = cookie.read(request)
      const provider = providers.get(name)
      const known = settings.providers.get(name)
      // A21: the browser that comes back is the one that pressed the button, at the provider whose button it was.
      if (way?.provider !== name || provider === undefined || known === undefined)
        return refused('no sign-in was begun here')
      const callback = new URL(request.url ?? '', issuer)
      const [state, ...more] = callback.searchParams.getAll('state')
      if (state !== way.pending.state || more.length > 0) return refused('another state')
      const goneAt = store.clock.now() + WAY_SECONDS * 1_000 // over with its cookie at the latest
      if (usedStates.use(state, goneAt) !== 'first') return refused('the state was used') // A20
      const identity = await provider.finish(callback, way.pending)
      const failed = { back: way.back, cookie: cookie.clear() }
      if (!identity.ok) return { ...identity, way: failed }
      const subject = admit(parts.users, known, identity.value)
      if (!subject.ok) return { ...subject, way: failed }
      const { refreshToken } = identity.value
      if (refreshToken !== undefined) tokens.keep(subject.value, refreshToken)
      return {
        ok: true,
        value: { subject: subject.value, provider: name, back: way.back, cookie: cookie.clear() },
      }
    },
  }
}

/**
 * Keeps who came and may enter, but not somebody whom the operator has shut out, nor another person of the same subject
 * (G11).
 */
function admit(users: Users, provider: ProviderSettings, identity: OutsideIdentity): Outcome<string> {
  const subject = `${provider.name}:${identity.subject}`
  if (!mayEnter(provider.allow, identity))
    return refused(`not allowed to sign in: ${whyNot(provider.allow, identity)}`, subject)
  const admitted = users.recordOutside({
    subject,
    provider: provider.name,
    vouchedBy: voucherOf(provider),
    name: identity.name ?? identity.email ?? subject,
    email: identity.email,
    emailVerified: identity.emailVerified,
    groups: [...identity.groups, ...identity.organizations],
  })
  if (!admitted) {
    const person = users.find(subject)
    return person?.disabled === true
      ? refused('disabled', subject)
      : refused(`known from ${person?.vouchedBy}; another provider needs another name`, subject)
  }
  users.recordSignIn(subject)
  return { ok: true, value: subject }
}

function createProviders({ settings, store }: OutsideParts): ReadonlyMap<string, OutsideProvider> {
  const made = new Map<string, OutsideProvider>()
  for (const [name, provider] of settings.providers) {
    const { issuer, endpoints, ca } = provider
    const line = createLine(ca)
    if (issuer !== undefined) {
      made.set(name, createOidcProvider({ ...provider, issuer }, { line, now: store.clock.now }))
    } else if (endpoints !== undefined) {
      made.set(name, createOAuthProvider({ ...provider, endpoints }, line))
    }
  }
  return made
}

function refused(detail: string, subject?: string): Refused {
  return { ok: false, why: 'refused', detail, ...(subject === undefined ? {} : { subject }) }
}
