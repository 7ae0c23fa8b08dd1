// The sign-in form: shows the sign-in page and reads its form, for each page that needs to know who somebody is (a
// client's authorization, the account page). It says how the sign-in ended; the caller decides what follows.
import type { SignInSettings } from '../../core/settings-as.ts'
import type { OnEvent } from '../events.ts'
import { errorPage, waitPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import type { ClientShown, FormProblem, ServerShown } from '../pages/parts.ts'
import { signInPage } from '../pages/sign-in.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import type { CsrfForms } from '../web/csrf-forms.ts'
import type { SealedCookie } from '../web/sealed-cookie.ts'
import { type SignInRate, TOO_MANY_SIGN_INS } from '../web/sign-in-rate.ts'
import { type AnotherAccount, anotherAccountProblem } from './another-account.ts'
import type { ExternalLogin } from './external-login.ts'
import { type LocalParts, signInLocally } from './local.ts'
import type { BegunLogin } from './login-cookie.ts'
import type { PasskeyCeremonies } from './passkeys.ts'
import { passwordRefusal } from './password-refusal.ts'

/** The page that needs a sign-in. */
export interface SignInContext {
  /** Path that the form posts to. */
  readonly action: string
  /** Path to return to from an outside provider; it must read the cookie `arrived`. */
  readonly back: string
  readonly client: ClientShown | undefined
  /** What it wants to use, where it has said. */
  readonly server: ServerShown | undefined
  /** The person must prove themselves again. */
  readonly fresh: boolean
  /** The browser is signed out after so long without use. */
  readonly lifeSeconds: number
}

/** `answered`: a page or redirect was sent. */
export type SignInResult =
  | { readonly kind: 'in'; readonly login: BegunLogin }
  | { readonly kind: 'refused' }
  | { readonly kind: 'answered' }

export interface SignInForm {
  show(page: PageRequest, context: SignInContext): void
  submit(page: PageRequest, context: SignInContext): Promise<SignInResult>
}

export interface SignInFormParts {
  readonly settings: SignInSettings
  readonly local: LocalParts
  /** Undefined where there are none. */
  readonly passkeys: PasskeyCeremonies | undefined
  readonly externalLogin: ExternalLogin
  /** Counts sign-ins at outside providers, and those with passkeys, by network. */
  readonly signInRate: SignInRate
  readonly anotherAccount: SealedCookie<AnotherAccount>
  readonly forms: CsrfForms
  readonly onEvent: OnEvent
}

const MAX_TYPED_CHARS = 128
const ANSWERED: SignInResult = { kind: 'answered' }

export function createSignInForm(parts: SignInFormParts): SignInForm {
  const { settings, forms } = parts
  return {
    show: (page, context) => show(parts, page, context),
    async submit(page, context) {
      const fields = forms.read(page.request, page.body, context.action)
      if (fields === undefined) {
        writePage(page, errorPage(403, 'foreignForm'))
        return ANSWERED
      }
      const method = fields.get('with')
      if (method === 'nothing' && context.client !== undefined) return { kind: 'refused' }
      if (method === 'provider') return await takeProvider(parts, page, context, fields.get('provider') ?? '')
      if (method === 'password' && settings.passwords) return await takePassword(parts, page, context, fields)
      if (method === 'passkey' && parts.passkeys !== undefined)
        return await takePasskey(parts, parts.passkeys, { page, context, fields })
      writePage(page, errorPage(400, 'signInNotOffered'))
      return ANSWERED
    },
  }
}

interface Again {
  readonly typed: string
  readonly problem: FormProblem
  readonly status: number
}

function show(parts: SignInFormParts, page: PageRequest, context: SignInContext, again?: Again): void {
  const { form, cookies } = parts.forms.target(page.request, context.action)
  const anotherAccount = anotherOf(parts, page, context)
  const shown = signInPage({
    client: context.client,
    server: context.server,
    form,
    passwords: parts.settings.passwords,
    passkeyOptions: parts.passkeys?.requestOptions(form.token),
    providers: parts.externalLogin.providers,
    typed: again?.typed ?? '',
    problem: again?.problem ?? (anotherAccount && anotherAccountProblem(anotherAccount)),
    status: again?.status ?? 200,
    canRefuse: context.client !== undefined,
  })
  writePage(page, shown, cookies)
}

async function takePassword(
  parts: SignInFormParts,
  page: PageRequest,
  context: SignInContext,
  fields: URLSearchParams,
): Promise<SignInResult> {
  const { address } = page
  const name = fields.get('name') ?? ''
  const { lifeSeconds } = context
  const attempt = { page, name, password: fields.get('password') ?? '', lifeSeconds }
  const result = await signInLocally(parts.local, attempt)
  if (result.outcome === 'in') {
    const { login } = result
    const { subject } = login
    parts.onEvent({ event: 'sign_in', actor: subject, subject, address, ...clientOf(context) })
    page.response.appendHeader('set-cookie', login.cookie)
    return { kind: 'in', login }
  }
  // What was typed as a name may be a password: it is not recorded.
  const reason = result.outcome === 'locked' ? { reason: 'too_many' } : {}
  const about = { actor: 'unknown', address, ...reason, detail: result.outcome, ...clientOf(context) }
  parts.onEvent({ event: 'sign_in_refused', ...about })
  const { status, problem } = passwordRefusal(result, 'wrongPassword', 'name')
  show(parts, page, context, { typed: name.slice(0, MAX_TYPED_CHARS), problem, status })
  return ANSWERED
}

interface Sent {
  readonly page: PageRequest
  readonly context: SignInContext
  readonly fields: URLSearchParams
}

/** Every failure says the same, and none tells whether a passkey is known here. */
async function takePasskey(
  parts: SignInFormParts,
  passkeys: PasskeyCeremonies,
  { page, context, fields }: Sent,
): Promise<SignInResult> {
  if (isTooOften(parts, page)) return ANSWERED
  const { address } = page
  const login = await passkeys.signIn({
    response: fields.get('passkey') ?? '',
    form: fields.get('csrf') ?? '',
    page,
    lifeSeconds: context.lifeSeconds,
  })
  if (login === undefined) {
    const about = { actor: 'unknown', address, detail: 'passkey', ...clientOf(context) }
    parts.onEvent({ event: 'sign_in_refused', ...about })
    show(parts, page, context, { typed: '', problem: { text: 'passkeyNotShown' }, status: 401 })
    return ANSWERED
  }
  const { subject } = login
  const about = { actor: subject, subject, address, detail: 'passkey', ...clientOf(context) }
  parts.onEvent({ event: 'sign_in', ...about })
  page.response.appendHeader('set-cookie', login.cookie)
  return { kind: 'in', login }
}

/** Counts one for the network; where it is one too many, that is answered. */
function isTooOften(parts: SignInFormParts, page: PageRequest): boolean {
  const tooMany = parts.signInRate.take(page.address)
  if (tooMany === undefined) return false
  const about = {
    ...{ actor: 'unknown', address: page.address, detail: TOO_MANY_SIGN_INS },
    reason: 'too_many',
  }
  if (tooMany.isNews) parts.onEvent({ event: 'sign_in_refused', ...about })
  writePage(page, waitPage(tooMany.waitSeconds))
  return true
}

async function takeProvider(
  parts: SignInFormParts,
  page: PageRequest,
  context: SignInContext,
  provider: string,
): Promise<SignInResult> {
  if (isTooOften(parts, page)) return ANSWERED
  const isAnother = anotherOf(parts, page, context) !== undefined
  const prompt = context.fresh ? 'login' : isAnother ? 'select_account' : undefined
  const { back, lifeSeconds } = context
  const departure = await parts.externalLogin.depart(provider, { back, lifeSeconds }, prompt)
  if (departure.ok) {
    writePage(page, seeOther(departure.value.location), [departure.value.cookie])
    return ANSWERED
  }
  const detail = departure.detail
  parts.onEvent({ event: 'sign_in_refused', actor: 'unknown', address: page.address, detail })
  show(parts, page, context, { typed: '', problem: SILENT, status: 502 })
  return ANSWERED
}

function anotherOf(
  { anotherAccount }: SignInFormParts,
  { request }: PageRequest,
  context: SignInContext,
): AnotherAccount | undefined {
  const kept = anotherAccount.read(request)
  return kept?.back === undefined || kept.back === context.back ? kept : undefined
}

const SILENT: FormProblem = { text: 'providerSilent' }

function clientOf({ client }: SignInContext) {
  return client === undefined ? {} : { client: client.id }
}
