// `/account`: where a person is signed in and what they have connected, each ended by a button. Whoever comes has signed in
// within half an hour, since what can be ended here should not hang on how long a browser stays signed in for some client.
import { accountPage, type ConnectedClient } from '../pages/account.ts'
import { errorPage, signedOutEverywherePage, signedOutPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import type { PlainTextKey } from '../pages/texts/locale.ts'
import { writePage } from '../pages/write.ts'
import type { Engine, PageRequest } from '../people.ts'
import type { Person } from '../store/users.ts'
import {
  askSignIn,
  type OwnPage,
  type OwnPageParts,
  type ServedPaths,
  STAY_SECONDS,
  signInPaths,
  takeForm,
  visitorOf,
} from './own-page.ts'
import { PASSKEYS, passkeysFor } from './passkeys-page.ts'
import { PASSWORD, PASSWORD_CHANGED, passwordOffered } from './password-page.ts'
import { scopeDescription } from './scope-descriptions.ts'

const ACCOUNT: OwnPage = { path: '/account', freshSeconds: STAY_SECONDS }
const DISCONNECT = '/account/disconnect'
const DISCONNECTED = '/account/disconnected'
const END_BROWSER = '/account/end-browser'
const BROWSER_ENDED = '/account/browser-ended'
const SIGN_OUT = '/account/sign-out'
const SIGNED_OUT = '/account/signed-out'
const EVERYWHERE = '/account/sign-out-everywhere'
const SIGNED_OUT_EVERYWHERE = '/account/signed-out-everywhere'

export const ACCOUNT_PATHS: ServedPaths = [
  [ACCOUNT.path, { get: show() }],
  [DISCONNECTED, { get: show('disconnected') }],
  [BROWSER_ENDED, { get: show('browserSignedOut') }],
  [PASSWORD_CHANGED, { get: show('passwordChanged') }],
  ...signInPaths(ACCOUNT),
  [DISCONNECT, { post: disconnect }],
  [END_BROWSER, { post: endBrowser }],
  [SIGN_OUT, { post: signOut }],
  [SIGNED_OUT, { get: (_parts, page) => writePage(page, signedOutPage) }],
  [EVERYWHERE, { post: signOutEverywhere }],
  [SIGNED_OUT_EVERYWHERE, { get: (_parts, page) => writePage(page, signedOutEverywherePage) }],
]

/** @param done what was just done */
function show(done?: PlainTextKey) {
  return async (parts: OwnPageParts, page: PageRequest): Promise<void> => {
    const visitor = await visitorOf(parts, page, ACCOUNT)
    if (visitor === undefined) return askSignIn(parts, page, ACCOUNT)
    const { person, session } = visitor
    const sessions = await parts.engine.store.loginSessions.list(person.subject)
    const others = sessions.filter(({ id }) => id !== session.id) // used last, first
    const target = (action: string) => parts.forms.target(page.request, action)
    const shown = accountPage({
      person: person.name,
      connections: await connectionsOf(parts, person.subject),
      browsers: [session, ...others].map((one) => ({ ...one, isThis: one === session })),
      ways: waysOffered(parts, person),
      disconnect: target(DISCONNECT).form,
      endBrowser: target(END_BROWSER).form,
      signOut: target(SIGN_OUT).form,
      everywhere: target(EVERYWHERE).form,
      done,
    })
    writePage(page, shown, target(ACCOUNT.path).cookies)
  }
}

function waysOffered(parts: OwnPageParts, person: Person) {
  const words = person.hasPassword ? ('changePassword' as const) : ('setPassword' as const)
  return [
    ...(passwordOffered(parts, person) ? [{ path: PASSWORD.path, words }] : []),
    ...(passkeysFor(parts, person) ? [{ path: PASSKEYS.path, words: 'passkeys' as const }] : []),
  ]
}

/** Ends every grant of the client, so that each of its installations has to ask again. */
async function disconnect(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, ACCOUNT)
  if (sent === undefined) return
  const { subject } = sent.person
  const client = sent.fields.get('client') ?? ''
  const { engine } = parts
  const ended = await engine.store.transaction(async ({ consents, grants }) => {
    await consents.withdraw(subject, client)
    return grants.revokeAll({ subject, clientId: client })
  })
  for (const { id } of ended) engine.onEvent({ event: 'revoked', actor: subject, grant: id })
  engine.onEvent({ event: 'consent_withdrawn', actor: subject, subject, client, address: page.address })
  writePage(page, seeOther(DISCONNECTED))
}

/** Another browser, or this one. */
async function endBrowser(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, ACCOUNT)
  if (sent === undefined) return
  const { subject } = sent.person
  const { engine } = parts
  const isEnded = await engine.store.loginSessions.end(subject, sent.fields.get('browser') ?? '')
  const about = { actor: subject, subject, address: page.address, detail: 'another browser' }
  if (isEnded) engine.onEvent({ event: 'signed_out', ...about })
  writePage(page, seeOther(BROWSER_ENDED))
}

/** Here and at the engine, so that no client gets in with what is left in this browser. */
async function signOut(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const { engine, loginCookie, forms } = parts
  const { request, address } = page
  if (forms.read(request, page.body, SIGN_OUT) === undefined) {
    return writePage(page, errorPage(403, 'foreignForm'))
  }
  const subject = (await loginCookie.read(request))?.subject
  await forgetEngineSession(engine, page)
  if (subject !== undefined) engine.onEvent({ event: 'signed_out', actor: subject, subject, address })
  writePage(page, seeOther(SIGNED_OUT), [await loginCookie.end(request)])
}

/** Every browser, and every app where the person ticked that. */
async function signOutEverywhere(parts: OwnPageParts, page: PageRequest): Promise<void> {
  const sent = await takeForm(parts, page, ACCOUNT)
  if (sent === undefined) return
  const { subject } = sent.person
  const { engine, loginCookie } = parts
  const isWithApps = sent.fields.get('apps') === 'yes'
  const ended = await engine.store.transaction(async ({ users, consents, grants }) => {
    await users.endSessions(subject)
    if (!isWithApps) return []
    for (const { clientId } of await consents.list(subject)) await consents.withdraw(subject, clientId)
    return grants.revokeAll({ subject })
  })
  await forgetEngineSession(engine, page)
  const about = { actor: subject, subject, address: page.address }
  engine.onEvent({
    event: 'signed_out',
    ...about,
    detail: isWithApps ? 'everywhere, with apps' : 'everywhere',
  })
  for (const { id, clientId } of ended)
    engine.onEvent({ event: 'revoked', actor: subject, subject, grant: id, client: clientId })
  writePage(page, seeOther(SIGNED_OUT_EVERYWHERE), [await loginCookie.end(page.request)])
}

async function forgetEngineSession(engine: Engine, { request, response }: PageRequest): Promise<void> {
  const provider = engine.provider()
  const kept = await provider.Session.get(provider.createContext(request, response))
  if (kept.accountId !== undefined) await kept.destroy()
}

/** One entry for each client that still has a grant or that the person agreed to. */
async function connectionsOf(
  { engine, settings }: OwnPageParts,
  subject: string,
): Promise<readonly ConnectedClient[]> {
  const { consents, grants } = engine.store
  const agreed = await consents.list(subject)
  const granted = await grants.of(subject)
  const clients = new Set([...agreed, ...granted].map(({ clientId }) => clientId))
  return [...clients].map((clientId) => {
    const consent = agreed.find((one) => one.clientId === clientId)
    const own = granted.filter((one) => one.clientId === clientId)
    const scopes = new Set([
      ...agreed.filter((one) => one.clientId === clientId).flatMap((one) => one.scopes),
      ...own.flatMap(({ resources }) => Object.values(resources)).flatMap((text) => text.split(' ')),
    ])
    return {
      client: { id: clientId, name: consent?.clientName, redirectUri: consent?.redirectUri || undefined },
      scopes: [...scopes]
        .filter((scope) => scope !== '')
        .map((scope) => scopeDescription(settings.scopes, scope)),
      since: Math.min(...[...own.map(({ createdAt }) => createdAt), consent?.givenAt ?? Infinity]),
      usedAt: own.length === 0 ? undefined : Math.max(...own.map(({ usedAt }) => usedAt)),
    }
  })
}
