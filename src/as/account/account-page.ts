// `/account`: what a person has connected, ended by a button. Whoever comes has signed in within half an hour, since what
// can be ended here should not hang on how long a browser stays signed in for some client.
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { MaybeAsync } from '../../core/turn.ts'
import { accountPage, type ConnectedClient } from '../pages/account.ts'
import { errorPage, signedOutPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import type { PlainTextKey } from '../pages/texts/locale.ts'
import { writePage } from '../pages/write.ts'
import type { Engine, PageRequest } from '../people.ts'
import type { LoginCookie } from '../sign-in/login-cookie.ts'
import type { SignInContext, SignInForm } from '../sign-in/sign-in-form.ts'
import type { Consents } from '../store/consents.ts'
import type { Grants } from '../store/grants.ts'
import type { CsrfForms } from '../web/csrf-forms.ts'
import type { SealedCookie } from '../web/sealed-cookie.ts'
import type { ArrivedPerson } from './arrived-person.ts'
import type { FindAdmitted } from './find-admitted.ts'
import { scopeDescription } from './scope-descriptions.ts'

const PATH = '/account'
const SIGN_IN = `${PATH}/sign-in`
const ARRIVED = `${PATH}/arrived`
const DISCONNECT = `${PATH}/disconnect`
const DISCONNECTED = `${PATH}/disconnected`
const SIGN_OUT = `${PATH}/sign-out`
const SIGNED_OUT = `${PATH}/signed-out`
const STAY_SECONDS = 30 * 60

export interface AccountPagesParts {
  readonly engine: Engine
  readonly settings: AuthorizationServerSettings
  readonly findAdmitted: FindAdmitted
  readonly consents: Consents
  readonly grants: Grants
  readonly signInForm: SignInForm
  readonly forms: CsrfForms
  readonly arrived: SealedCookie<ArrivedPerson>
  readonly loginCookie: LoginCookie
}

export interface AccountPages {
  answers(path: string): boolean
  serve(page: PageRequest): Promise<void>
}

type Serve = (parts: AccountPagesParts, page: PageRequest) => MaybeAsync<void>

const ACCOUNT_SIGN_IN: SignInContext = {
  action: SIGN_IN,
  back: ARRIVED,
  client: undefined,
  server: undefined,
  fresh: true,
  lifeSeconds: STAY_SECONDS,
}

export function createAccountPages(parts: AccountPagesParts): AccountPages {
  return {
    answers: (path) => PAGES.has(path),
    async serve(page) {
      const serve = PAGES.get(page.path)?.[page.request.method === 'POST' ? 'post' : 'get']
      if (serve === undefined) writePage(page, seeOther(PATH))
      else await serve(parts, page)
    },
  }
}

const PAGES: ReadonlyMap<string, { readonly get?: Serve; readonly post?: Serve }> = new Map([
  [PATH, { get: (parts: AccountPagesParts, page: PageRequest) => show(parts, page, undefined) }],
  [DISCONNECTED, { get: (parts: AccountPagesParts, page: PageRequest) => show(parts, page, 'disconnected') }],
  [SIGN_IN, { post: signIn }],
  [ARRIVED, { get: arrive }],
  [DISCONNECT, { post: disconnect }],
  [SIGN_OUT, { post: signOut }],
  [SIGNED_OUT, { get: (_parts: AccountPagesParts, page: PageRequest) => writePage(page, signedOutPage) }],
])

async function show(
  parts: AccountPagesParts,
  page: PageRequest,
  done: PlainTextKey | undefined,
): Promise<void> {
  const person = await personOf(parts, page)
  if (person === undefined) return parts.signInForm.show(page, ACCOUNT_SIGN_IN)
  const disconnectForm = parts.forms.target(page.request, DISCONNECT)
  const signOutForm = parts.forms.target(page.request, SIGN_OUT)
  const shown = accountPage({
    person: person.name,
    connections: await connectionsOf(parts, person.subject),
    disconnect: disconnectForm.form,
    signOut: signOutForm.form,
    done,
  })
  writePage(page, shown, disconnectForm.cookies)
}

async function signIn(parts: AccountPagesParts, page: PageRequest): Promise<void> {
  const ending = await parts.signInForm.submit(page, ACCOUNT_SIGN_IN)
  if (ending.kind === 'in') writePage(page, seeOther(PATH))
}

function arrive({ arrived }: AccountPagesParts, page: PageRequest): void {
  const isHere = arrived.read(page.request)?.back === ARRIVED
  writePage(page, seeOther(PATH), isHere ? [arrived.clear()] : [])
}

/** Ends every grant of the client, so that each of its installations has to ask again. */
async function disconnect(parts: AccountPagesParts, page: PageRequest): Promise<void> {
  const { engine, forms } = parts
  const fields = forms.read(page.request, page.body, DISCONNECT)
  if (fields === undefined) return writePage(page, errorPage(403, 'foreignForm'))
  const person = await personOf(parts, page)
  if (person === undefined) return parts.signInForm.show(page, ACCOUNT_SIGN_IN)
  const { subject } = person
  const client = fields.get('client') ?? ''
  const ended = await engine.store.transaction(async ({ consents, grants }) => {
    await consents.withdraw(subject, client)
    return grants.revokeAll({ subject, clientId: client })
  })
  for (const { id } of ended) engine.onEvent({ event: 'revoked', actor: subject, grant: id })
  engine.onEvent({ event: 'consent_withdrawn', actor: subject, subject, client, address: page.address })
  writePage(page, seeOther(DISCONNECTED))
}

/** Here and at the engine, so that no client gets in with what is left in this browser. */
async function signOut(parts: AccountPagesParts, page: PageRequest): Promise<void> {
  const { engine, loginCookie, forms } = parts
  const { request, response } = page
  if (forms.read(request, page.body, SIGN_OUT) === undefined) {
    return writePage(page, errorPage(403, 'foreignForm'))
  }
  const provider = engine.provider()
  const kept = await provider.Session.get(provider.createContext(request, response))
  if (kept.accountId !== undefined) await kept.destroy()
  const subject = (await loginCookie.read(request))?.subject
  if (subject !== undefined)
    engine.onEvent({ event: 'signed_out', actor: subject, subject, address: page.address })
  writePage(page, seeOther(SIGNED_OUT), [await loginCookie.end(request)])
}

async function personOf({ engine, loginCookie, findAdmitted }: AccountPagesParts, { request }: PageRequest) {
  const session = await loginCookie.read(request)
  const isFresh = session !== undefined && session.provedAt + STAY_SECONDS * 1_000 > engine.store.clock.now()
  return isFresh ? findAdmitted(session.subject, session.provedAt) : undefined
}

/** One entry for each client that still has a grant or that the person agreed to. */
async function connectionsOf(parts: AccountPagesParts, subject: string): Promise<readonly ConnectedClient[]> {
  const { consents, grants, settings } = parts
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
    }
  })
}
