// Sign-in at an outside provider: the browser goes there and comes back, and who may come in is decided. The page that
// began the sign-in says where the person goes afterwards.
import type { IncomingMessage } from 'node:http'
import type { PartStatus } from '../../core/route.ts'
import type { ProviderSettings, SignInSettings } from '../../core/settings-as.ts'
import type { PageRequest } from '../people.ts'
import { ofKind } from '../store/single-use.ts'
import type { Store } from '../store/store.ts'
import type { Person } from '../store/users.ts'
import type { CookieJar } from '../web/cookies.ts'
import { type ExternalIdentity, mayEnter, whyDenied } from './allow.ts'
import { newPendingAuthorization } from './code-flow.ts'
import { createFetchClient } from './fetch-client.ts'
import type { BegunLogin, LoginCookie, ProvedPerson } from './login-cookie.ts'
import { createOAuthProvider } from './oauth.ts'
import { createOidcProvider } from './oidc.ts'
import {
  type ExternalProvider,
  identityIssuerOf,
  type PendingAuthorization,
  type Prompt,
  type SignInOutcome,
  type SignInRefusal,
} from './provider.ts'
import { createRoundTrip } from './round-trip.ts'

const CALLBACK = '/sign-in/callback/'
/** Where the form leads: a page of ours that goes on to the provider (see pages/page.ts on `form-action`). */
export const LEAVE_PATH = '/sign-in/leave'

/** What the browser's sealed cookie holds, for the callback to be compared with. */
interface PendingLogin {
  readonly provider: string
  readonly pending: PendingAuthorization
  /** URL at the provider. */
  readonly location: string
  readonly visit: SignInVisit
}

/** The page that began a sign-in. */
export interface SignInVisit {
  /** Same-origin path to go on to. */
  readonly back: string
  /** The browser is signed out after so long without use. */
  readonly lifeSeconds: number
}

export interface Departure {
  readonly location: typeof LEAVE_PATH
  readonly cookie: string
}

export interface Arrival {
  readonly login: BegunLogin
  readonly provider: string
  readonly back: string
  /** Clears the round-trip cookie. */
  readonly cookie: string
}

/** `retry` is present only when this browser is known to have begun the sign-in. */
export type ArrivalResult =
  | { readonly ok: true; readonly value: Arrival }
  | (SignInRefusal & { readonly retry?: Pick<Arrival, 'back' | 'cookie'> })

export interface ExternalLogin {
  readonly providers: readonly ExternalProvider[]
  /** The provider that a path is the callback of; each has its own (RFC 9700 §4.4.2.2). */
  providerAt(path: string): string | undefined
  /** Call it for a form that the person has just submitted: only then is there a `state` (CDP-04, A21). */
  depart(provider: string, visit: SignInVisit, prompt: Prompt): Promise<SignInOutcome<Departure>>
  /** Where the provider's page is, for the browser that departs; undefined for any other. */
  locationFor(request: IncomingMessage): string | undefined
  arrive(page: PageRequest, provider: string): Promise<ArrivalResult>
  /** Where somebody signed in; undefined for people with a password here. */
  providerOf(person: Person | undefined): ExternalProvider | undefined
  /** Asks each provider for what a sign-in needs; what an operator should know of it. */
  probe(): Promise<readonly string[]>
  status(): readonly PartStatus[]
  close(): Promise<void>
}

export interface ExternalLoginParts {
  /** Origin of the public URL. */
  readonly issuer: string
  readonly settings: SignInSettings
  readonly store: Store
  readonly jar: CookieJar
  readonly loginCookie: LoginCookie
}

export function createExternalLogin(parts: ExternalLoginParts): ExternalLogin {
  const { issuer, settings, store, jar } = parts
  const providers = createProviders(parts)
  const { clock, secret, providerTokens: tokens } = store
  const usedStates = ofKind(store.singleUses, 'used sign-in state')
  const roundTrip = createRoundTrip<PendingLogin>(jar, { clock, secret, usedStates }, 'way')
  return {
    providers: [...providers.values()],
    providerAt: (path) => {
      const name = path.startsWith(CALLBACK) ? path.slice(CALLBACK.length) : undefined
      return name !== undefined && providers.has(name) ? name : undefined
    },
    async depart(name, visit, prompt) {
      const provider = providers.get(name)
      if (provider === undefined) return refused('unknown provider')
      const pending = newPendingAuthorization()
      const begun = await provider.begin(`${issuer}${CALLBACK}${name}`, pending, prompt)
      if (!begun.ok) return begun
      const pendingLogin: PendingLogin = { provider: name, pending, location: begun.value, visit }
      return { ok: true, value: { location: LEAVE_PATH, cookie: roundTrip.begin(pendingLogin) } }
    },
    async probe() {
      const all = [...providers.values()]
      const found = await Promise.all(all.map(async (one) => ({ name: one.name, why: await one.probe() })))
      return found.flatMap(({ name, why }) => (why === undefined ? [] : [`provider ${name}: ${why}`]))
    },
    status: () => [...providers.values()].map((provider) => provider.status()),
    close: async () => void (await Promise.all([...providers.values()].map((provider) => provider.close()))),
    providerOf: (person) => (person?.provider === undefined ? undefined : providers.get(person.provider)),
    locationFor: (request) => roundTrip.underWay(request)?.location,
    async arrive(page, name) {
      const provider = providers.get(name)
      const known = settings.providers.get(name)
      if (provider === undefined || known === undefined) return refused('unknown provider')
      const callback = new URL(page.request.url ?? '', issuer)
      const returned = await roundTrip.end(page.request, callback, (way) => way.provider === name)
      if (!returned.ok) return refused(returned.detail)
      const { pending, visit } = returned.value
      const identity = await provider.finish(callback, pending)
      const back = { back: visit.back, cookie: roundTrip.clear() }
      if (!identity.ok) return { ...identity, retry: back }
      const login = await enter(parts, known, identity.value, { page, lifeSeconds: visit.lifeSeconds })
      if (!login.ok) return { ...login, retry: back }
      const { refreshToken } = identity.value
      if (refreshToken !== undefined) await tokens.keep(login.value.subject, refreshToken)
      return { ok: true, value: { login: login.value, provider: name, ...back } }
    },
  }
}

/**
 * Records a person who may enter. Not somebody whom the operator has disabled, and not another person with the same
 * subject (G11).
 */
async function enter(
  { store, loginCookie }: ExternalLoginParts,
  provider: ProviderSettings,
  identity: ExternalIdentity,
  proved: Omit<ProvedPerson, 'subject'>,
): Promise<SignInOutcome<BegunLogin>> {
  const subject = `${provider.name}:${identity.subject}`
  if (!mayEnter(provider.allow, identity))
    return refused(`not allowed to sign in: ${whyDenied(provider.allow, identity)}`, subject)
  const login = await store.transaction(async (within) => {
    const admitted = await within.users.recordOutside({
      subject,
      provider: provider.name,
      vouchedBy: identityIssuerOf(provider),
      name: identity.name ?? identity.email ?? subject,
      email: identity.email,
      emailVerified: identity.emailVerified,
      groups: [...identity.groups, ...identity.organizations],
    })
    if (!admitted) return undefined
    await within.users.recordSignIn(subject)
    return await loginCookie.begin(within, { ...proved, subject })
  })
  if (login !== undefined) return { ok: true, value: login }
  const person = await store.users.find(subject)
  return person?.disabled === true
    ? refused('disabled', subject)
    : refused(`known from ${person?.vouchedBy}; another provider needs another name`, subject)
}

function createProviders({ settings, store }: ExternalLoginParts): ReadonlyMap<string, ExternalProvider> {
  const made = new Map<string, ExternalProvider>()
  for (const [name, provider] of settings.providers) {
    const { issuer, endpoints, ca } = provider
    const fetchClient = createFetchClient(ca)
    if (issuer !== undefined) {
      made.set(name, createOidcProvider({ ...provider, issuer }, { fetchClient, now: store.clock.now }))
    } else if (endpoints !== undefined) {
      made.set(name, createOAuthProvider({ ...provider, endpoints }, fetchClient))
    }
  }
  return made
}

function refused(detail: string, subject?: string): SignInRefusal {
  return { ok: false, why: 'refused', detail, ...(subject === undefined ? {} : { subject }) }
}
