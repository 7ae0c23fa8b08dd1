// What the pages of a person's own have in common: who is there, and how lately they proved who they are. Serves nothing.

import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { MaybeAsync } from '../../core/turn.ts'
import { errorPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { Engine, PageRequest } from '../people.ts'
import type { LoginCookie } from '../sign-in/login-cookie.ts'
import type { PasskeyCeremonies } from '../sign-in/passkeys.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import type { SignInContext, SignInForm } from '../sign-in/sign-in-form.ts'
import type { Throttle } from '../sign-in/throttle.ts'
import type { LoginSession } from '../store/login-sessions.ts'
import type { Person } from '../store/users.ts'
import type { CsrfForms } from '../web/csrf-forms.ts'
import type { SealedCookie } from '../web/sealed-cookie.ts'
import type { ArrivedPerson } from './arrived-person.ts'
import type { FindAdmitted } from './find-admitted.ts'

export interface OwnPageParts {
  readonly engine: Engine
  readonly settings: AuthorizationServerSettings
  readonly findAdmitted: FindAdmitted
  readonly signInForm: SignInForm
  readonly forms: CsrfForms
  readonly arrived: SealedCookie<ArrivedPerson>
  readonly loginCookie: LoginCookie
  readonly passwords: Passwords
  readonly throttle: Throttle
  /** Undefined where there are none. */
  readonly passkeys: PasskeyCeremonies | undefined
}

export interface OwnPage {
  readonly path: string
  /** Whoever proved who they are longer ago signs in again before they see it. */
  readonly freshSeconds: number
}

export interface Visitor {
  readonly person: Person
  /** Of the browser that sends this. */
  readonly session: LoginSession
}

export type Serve = (parts: OwnPageParts, page: PageRequest) => MaybeAsync<void>

/** By path. A path without a handler for a method leads to the account page. */
export type ServedPaths = readonly (readonly [string, { readonly get?: Serve; readonly post?: Serve }])[]

/** Undefined: they have to sign in first. */
export async function visitorOf(
  { engine, loginCookie, findAdmitted }: OwnPageParts,
  { request }: PageRequest,
  { freshSeconds }: OwnPage,
): Promise<Visitor | undefined> {
  const session = await loginCookie.read(request)
  if (session === undefined || session.provedAt + freshSeconds * 1_000 <= engine.store.clock.now())
    return undefined
  const person = await findAdmitted(session.subject, session.provedAt)
  return person && { person, session }
}

/** The fields of a form that was sent to its own path, and who sent it. Where there is nothing to do with it, that is answered. */
export async function takeForm(
  parts: OwnPageParts,
  page: PageRequest,
  own: OwnPage,
): Promise<(Visitor & { readonly fields: URLSearchParams }) | undefined> {
  const fields = parts.forms.read(page.request, page.body, page.path)
  if (fields === undefined) {
    writePage(page, errorPage(403, 'foreignForm'))
    return undefined
  }
  const visitor = await visitorOf(parts, page, own)
  if (visitor === undefined) askSignIn(parts, page, own)
  return visitor && { ...visitor, fields }
}

export function askSignIn({ signInForm }: OwnPageParts, page: PageRequest, own: OwnPage): void {
  signInForm.show(page, contextOf(own))
}

/** The paths through which people sign in to a page of their own. */
export function signInPaths(own: OwnPage): ServedPaths {
  const context = contextOf(own)
  return [
    [
      context.action,
      {
        async post({ signInForm }, page) {
          const ending = await signInForm.submit(page, context)
          if (ending.kind === 'in') writePage(page, seeOther(own.path))
        },
      },
    ],
    [
      context.back,
      {
        get({ arrived }, page) {
          const isHere = arrived.read(page.request)?.back === context.back
          writePage(page, seeOther(own.path), isHere ? [arrived.clear()] : [])
        },
      },
    ],
  ]
}

function contextOf({ path, freshSeconds }: OwnPage): SignInContext {
  return {
    action: `${path}/sign-in`,
    back: `${path}/arrived`,
    client: undefined,
    server: undefined,
    fresh: true,
    lifeSeconds: Math.max(freshSeconds, STAY_SECONDS),
  }
}

/** How long a person stays at their account page after they proved who they are. */
export const STAY_SECONDS = 30 * 60
/** The same for what changes how they sign in. */
export const FRESH_SECONDS = 5 * 60
