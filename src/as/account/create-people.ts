// The people side of the authorization server, put together: sign-in, consent, account page, and what the engine asks
// about persons. The only file here that makes the parts.

import { passkeyDomain } from '../../core/passkey-domain.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { andThen } from '../../core/turn.ts'
import { enginePages } from '../pages/engine-pages.ts'
import { errorPage, leavingPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { Engine, PageRequest, People, TokenAccount } from '../people.ts'
import { ANOTHER_ACCOUNT_SECONDS, type AnotherAccount, refusalSaid } from '../sign-in/another-account.ts'
import { createExternalLogin, type ExternalLogin, LEAVE_PATH } from '../sign-in/external-login.ts'
import { createLoginCookie, type LoginCookie } from '../sign-in/login-cookie.ts'
import { createPasskeyCeremonies, type PasskeyCeremonies } from '../sign-in/passkeys.ts'
import { createPasswords } from '../sign-in/passwords.ts'
import { createProviderRecheck, type IsStillKnown } from '../sign-in/provider-recheck.ts'
import { createSignInForm } from '../sign-in/sign-in-form.ts'
import { createThrottle } from '../sign-in/throttle.ts'
import type { Person } from '../store/users.ts'
import { createCookieJar } from '../web/cookies.ts'
import { createCsrfForms } from '../web/csrf-forms.ts'
import { createSealedCookie, type SealedCookie } from '../web/sealed-cookie.ts'
import { createSignInRate } from '../web/sign-in-rate.ts'
import { createAccountPages } from './account-pages.ts'
import type { ArrivedPerson } from './arrived-person.ts'
import { createAuthorize, interactionPath } from './authorize.ts'
import { isAgreed } from './connected-clients.ts'
import { entitledScopes } from './entitlement.ts'
import { createFindAdmitted, createIsAdmitted } from './find-admitted.ts'
import { createFindSignedIn } from './find-signed-in.ts'
import { scopeDescription } from './scope-descriptions.ts'

/** From the callback of a provider to the page that sent the person there: one redirect. */
const NOTE_SECONDS = 60

export async function createPeople(engine: Engine, settings: AuthorizationServerSettings): Promise<People> {
  const { store } = engine
  const { users, consents } = store
  const signIn = createSignIn(engine, settings)
  const { externalLogin, loginCookie, arrived, anotherAccount } = signIn
  const isAdmitted = createIsAdmitted(settings.signIn, store.clock)
  const findAdmitted = createFindAdmitted(users, isAdmitted)
  const findSignedIn = createFindSignedIn(loginCookie, findAdmitted)
  const shared = { ...signIn, engine, settings, findAdmitted, findSignedIn, consents }
  const authorize = createAuthorize(shared)
  const account = createAccountPages(shared)
  return {
    answers: (path) =>
      [authorize, account].some((pages) => pages.answers(path)) || isExternal(externalLogin, path),
    async serve(page) {
      if (authorize.answers(page.path)) await authorize.serve(page)
      else if (account.answers(page.path)) await account.serve(page)
      else if (page.path === LEAVE_PATH) leave(externalLogin, page)
      else await arrive({ engine, externalLogin, arrived, anotherAccount }, page)
    },
    isSignedIn: async (request, subject) => (await findSignedIn(request, subject)) !== undefined,
    signOut: async (request, subject) =>
      (await loginCookie.read(request))?.subject === subject ? await loginCookie.end(request) : undefined,
    isStillKnown: providerRecheckOf(engine, externalLogin),
    findAccount: async (subject) => toAccount(await findAdmitted(subject)),
    async allowedScopes(subject, scopes) {
      const person = await findAdmitted(subject)
      return person === undefined ? [] : entitledScopes(settings.grants, person, scopes)
    },
    mayHold(subject, scopes) {
      const holds = (person: Person | undefined) =>
        person !== undefined &&
        isAdmitted(person) &&
        entitledScopes(settings.grants, person, scopes).length === scopes.length
      return andThen(store.live.person(subject), holds)
    },
    hasConsented: async (subject, request) => isAgreed(await consents.list(subject), request),
    hasMet: async (subject, clientId, redirectUri) =>
      (await findAdmitted(subject)) !== undefined &&
      (await consents.list(subject)).some(
        (one) => one.clientId === clientId && one.redirectUri === redirectUri,
      ),
    interactionPath,
    html: enginePages(engine.branding, (scope) => scopeDescription(settings.scopes, scope)),
    probe: externalLogin.probe,
    status: externalLogin.status,
    close: externalLogin.close,
  }
}

/** What every page shares that needs to know who somebody is. */
function createSignIn(engine: Engine, settings: AuthorizationServerSettings) {
  const { store, issuer, secure, onEvent } = engine
  const jar = createCookieJar(secure)
  const forms = createCsrfForms(jar, store)
  const loginCookie = createLoginCookie(jar, store)
  const externalLogin = createExternalLogin({ issuer, settings: settings.signIn, store, jar, loginCookie })
  const anotherAccount = createSealedCookie<AnotherAccount>(jar, store, 'another')
  const passkeys = passkeysOf(engine, settings, loginCookie)
  const passwords = createPasswords()
  const throttle = createThrottle(store)
  const signInForm = createSignInForm({
    settings: settings.signIn,
    local: { store, passwords, throttle, loginCookie },
    passkeys,
    externalLogin,
    signInRate: createSignInRate(store.clock),
    anotherAccount,
    forms,
    onEvent,
  })
  const arrived = createSealedCookie<ArrivedPerson>(jar, store, 'arrived')
  return {
    forms,
    loginCookie,
    passkeys,
    passwords,
    throttle,
    externalLogin,
    anotherAccount,
    signInForm,
    arrived,
  }
}

/** Undefined where the file has them off, and at an IP address, for which no browser makes one. */
function passkeysOf(
  { store, issuer, branding }: Engine,
  { signIn }: AuthorizationServerSettings,
  loginCookie: LoginCookie,
): PasskeyCeremonies | undefined {
  const { passwords, passkeys = passwords } = signIn
  const rpId = passkeys ? passkeyDomain(issuer) : undefined
  if (rpId === undefined) return undefined
  const rpName = branding.name ?? branding.host
  return createPasskeyCeremonies({ store, loginCookie, origin: issuer, rpId, rpName })
}

/** Asks the provider whether it still knows a person; what ends because it does not is audited. */
function providerRecheckOf({ store, onEvent }: Engine, externalLogin: ExternalLogin): IsStillKnown {
  return createProviderRecheck({
    providerOf: async (subject) => externalLogin.providerOf(await store.users.find(subject)),
    tokens: store.providerTokens,
    transaction: store.transaction,
    onGone(subject, provider, ended) {
      const actor = `provider ${provider}`
      for (const { id } of ended) onEvent({ event: 'revoked', actor, grant: id })
      onEvent({ event: 'user_gone', actor, subject, detail: 'its refresh token is over' })
    },
  })
}

/** Whether the path is part of a sign-in at a provider. */
function isExternal(externalLogin: ExternalLogin, path: string): boolean {
  return path === LEAVE_PATH || externalLogin.providerAt(path) !== undefined
}

function toAccount(person: Person | undefined): TokenAccount | undefined {
  if (person === undefined) return undefined
  const email = person.emailVerified && person.email !== undefined ? { email: person.email } : {}
  return { subject: person.subject, name: person.name, sessionsEndedAt: person.sessionsEndedAt, ...email }
}

/** Redirects to the provider, from a page of our own (see pages/page.ts on `form-action`). */
function leave(externalLogin: ExternalLogin, page: PageRequest): void {
  const location = externalLogin.locationFor(page.request)
  writePage(page, location === undefined ? errorPage(400, 'noSignInBegun') : leavingPage(location))
}

interface CallbackParts {
  readonly engine: Engine
  readonly externalLogin: ExternalLogin
  readonly arrived: SealedCookie<ArrivedPerson>
  readonly anotherAccount: SealedCookie<AnotherAccount>
}

/** Serves the callback. What the provider put into the URL is never shown (G3); the audit says why it failed. */
async function arrive(
  { engine, externalLogin, arrived, anotherAccount }: CallbackParts,
  page: PageRequest,
): Promise<void> {
  const provider = externalLogin.providerAt(page.path) ?? ''
  const arrival = await externalLogin.arrive(page, provider)
  const { address } = page
  if (!arrival.ok) {
    const { why, detail, subject } = arrival
    const who = subject === undefined ? { actor: 'unknown' } : { actor: subject, subject }
    engine.onEvent({ event: 'sign_in_refused', ...who, address, detail: `${provider}: ${detail}` })
    if (arrival.retry === undefined) {
      return writePage(page, errorPage(why === 'unreachable' ? 502 : 400, REFUSED[why]))
    }
    // Back to the sign-in page: the authorization goes on.
    const note = anotherAccount.write(
      { back: arrival.retry.back, said: refusalSaid(arrival) },
      ANOTHER_ACCOUNT_SECONDS,
    )
    return writePage(page, seeOther(arrival.retry.back.replace(/\/arrived$/, '')), [
      arrival.retry.cookie,
      note,
    ])
  }
  const { login, back, cookie } = arrival.value
  const { subject, at } = login
  engine.onEvent({ event: 'sign_in', actor: subject, subject, address, detail: provider })
  const note = { subject, at, back }
  const over = anotherAccount.read(page.request) === undefined ? [] : [anotherAccount.clear()]
  writePage(page, seeOther(back), [cookie, login.cookie, ...over, arrived.write(note, NOTE_SECONDS)])
}

const REFUSED = { unreachable: 'providerUnreachable', refused: 'refusedThisWay' } as const
