// The people side of the authorization server, put together: sign-in, consent, account page, and what the engine asks
// about persons. The only file here that makes the parts.
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { createCookieJar } from '../browser/cookies.ts'
import { createForms } from '../browser/forms.ts'
import { createSealedCookie, type SealedCookie } from '../browser/sealed-cookie.ts'
import { enginePages } from '../pages/engine-pages.ts'
import { errorPage, leavingPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { Account, Engine, PageRequest, People } from '../people.ts'
import { ANOTHER_SECONDS, type Another, saidOf } from '../sign-in/another.ts'
import { createBeginnings } from '../sign-in/beginnings.ts'
import { createDesk } from '../sign-in/desk.ts'
import { createOutside, LEAVE_PATH, type Outside } from '../sign-in/outside.ts'
import { createPasswords } from '../sign-in/passwords.ts'
import { createThrottle } from '../sign-in/throttle.ts'
import { createVouching } from '../sign-in/vouching.ts'
import { ofKind } from '../store/single-use.ts'
import type { Person } from '../store/users.ts'
import { createAccountPages, type SignedIn } from './account-page.ts'
import { createAdmitted } from './admitted.ts'
import { type Arrived, createAuthorize, interactionPath } from './authorize.ts'
import { isAgreed } from './connected-clients.ts'
import { entitledScopes } from './entitlement.ts'
import { scopeWords } from './scope-words.ts'

/** From the callback of a provider to the page that sent the person there: one redirect. */
const NOTE_SECONDS = 60

export async function createPeople(engine: Engine, settings: AuthorizationServerSettings): Promise<People> {
  const { store, issuer } = engine
  const { users, consents, grants } = store
  const jar = createCookieJar(engine.secure)
  const forms = createForms(jar, store)
  const outside = createOutside({ issuer, settings: settings.signIn, store, users, jar })
  const local = { users, passwords: createPasswords(), throttle: createThrottle(store) }
  const beginnings = createBeginnings(store.clock)
  const { signIn } = settings
  const another = createSealedCookie<Another>(jar, store, 'another')
  const { onEvent } = engine
  const desk = createDesk({ settings: signIn, local, outside, beginnings, another, forms, onEvent })
  const arrived = createSealedCookie<Arrived>(jar, store, 'arrived')
  const admitted = createAdmitted(users, settings.signIn, store.clock)
  const isVouchedFor = createVouching({
    providerOf: (subject) => outside.providerOf(users.find(subject)),
    tokens: store.providerTokens,
    transaction: store.transaction,
    end(subject, provider) {
      const actor = `provider ${provider}`
      for (const { id } of grants.of(subject)) engine.revokeGrant(id, actor)
      users.endSessions(subject)
      onEvent({ event: 'user_gone', actor, subject, detail: 'its refresh token is over' })
    },
  })
  const shared = { engine, settings, admitted, consents, desk, forms, arrived, another }
  const authorize = createAuthorize(shared)
  const account = createAccountPages({
    ...shared,
    grants,
    session: createSealedCookie<SignedIn>(jar, store, 'account'),
    ended: ofKind(store.singleUses, 'ended account sign-in'),
  })
  const wayBack = { engine, outside, arrived, another }
  return {
    answers: (path) =>
      authorize.answers(path) ||
      account.answers(path) ||
      path === LEAVE_PATH ||
      outside.providerAt(path) !== undefined,
    async serve(page) {
      if (authorize.answers(page.path)) await authorize.serve(page)
      else if (account.answers(page.path)) await account.serve(page)
      else if (page.path === LEAVE_PATH) leave(outside, page)
      else await arrive(wayBack, page)
    },
    isVouchedFor,
    findAccount: async (subject) => toAccount(admitted(subject)),
    async allowedScopes(subject, scopes) {
      const person = admitted(subject)
      return person === undefined ? [] : entitledScopes(settings.grants, person, scopes)
    },
    mayHold(subject, scopes) {
      const person = admitted(subject)
      return person !== undefined && entitledScopes(settings.grants, person, scopes).length === scopes.length
    },
    hasConsented: async (subject, request) => isAgreed(consents.list(subject), request),
    hasMet: (subject, clientId, redirectUri) =>
      admitted(subject) !== undefined &&
      consents.list(subject).some((one) => one.clientId === clientId && one.redirectUri === redirectUri),
    interactionPath,
    html: enginePages((scope) => scopeWords(settings.scopes, scope)),
    probe: outside.probe,
    status: outside.status,
    close: outside.close,
  }
}

function toAccount(person: Person | undefined): Account | undefined {
  if (person === undefined) return undefined
  const email = person.emailVerified && person.email !== undefined ? { email: person.email } : {}
  return { subject: person.subject, name: person.name, sessionsEndedAt: person.sessionsEndedAt, ...email }
}

/** On to the provider, from a page of our own (see pages/page.ts on `form-action`). */
function leave(outside: Outside, { request, response }: PageRequest): void {
  const location = outside.locationFor(request)
  writePage(response, location === undefined ? errorPage(400, NO_WAY) : leavingPage(location))
}

const NO_WAY = 'No sign-in was begun in this browser, or it took more than ten minutes.'

interface WayBack {
  readonly engine: Engine
  readonly outside: Outside
  readonly arrived: SealedCookie<Arrived>
  readonly another: SealedCookie<Another>
}

/** Back from a provider. What it said in the address is never shown (G3); why it failed is for the audit. */
async function arrive({ engine, outside, arrived, another }: WayBack, page: PageRequest): Promise<void> {
  const provider = outside.providerAt(page.path) ?? ''
  const arrival = await outside.arrive(page.request, provider)
  const { address, response } = page
  if (!arrival.ok) {
    const { why, detail, subject } = arrival
    const who = subject === undefined ? { actor: 'unknown' } : { actor: subject, subject }
    engine.onEvent({ event: 'sign_in_refused', ...who, address, detail: `${provider}: ${detail}` })
    if (arrival.way === undefined) {
      return writePage(response, errorPage(why === 'unreachable' ? 502 : 400, REFUSED[why]))
    }
    // Back to the page with the ways to sign in: whoever waits for this person waits on.
    const note = another.write({ back: arrival.way.back, said: saidOf(arrival) }, ANOTHER_SECONDS)
    return writePage(response, seeOther(arrival.way.back.replace(/\/arrived$/, '')), [
      arrival.way.cookie,
      note,
    ])
  }
  const { subject, back, cookie } = arrival.value
  engine.onEvent({ event: 'sign_in', actor: subject, subject, address, detail: provider })
  const note = { subject, at: engine.store.clock.now(), back }
  const over = another.read(page.request) === undefined ? [] : [another.clear()]
  writePage(response, seeOther(back), [cookie, ...over, arrived.write(note, NOTE_SECONDS)])
}

const REFUSED = {
  unreachable: 'The provider does not answer as it should. Try again later.',
  refused: 'You could not be signed in this way.',
}
