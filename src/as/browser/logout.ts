// /auth/logout: a page that asks, and the end of the session on every route (G4).
import { errorPage, signOutPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { HtmlPage, PageRequest } from '../people.ts'
import { mayWriteWithCookie } from './cookie-request.ts'
import { type LoginPages, loginProviderOf } from './login-pages.ts'

export const LOGOUT_PATH = '/auth/logout'
export const SIGNED_OUT_PATH = '/auth/signed-out'

export async function askLogout(parts: LoginPages, page: PageRequest): Promise<void> {
  const { form, cookies } = parts.forms.target(page.request, LOGOUT_PATH)
  writePage(page, signOutPage(form), cookies)
}

/** G4: of every route, and at the authorization server of this process; asked by our own form or by an application that may. */
export async function logout(parts: LoginPages, page: PageRequest): Promise<void> {
  const { request, address } = page
  const isForm = parts.forms.read(request, page.body, LOGOUT_PATH) !== undefined
  const callers = parts.routes.filter(({ allowedOrigins }) =>
    mayWriteWithCookie(request, parts.publicOrigin, allowedOrigins),
  )
  if (!isForm && callers.length === 0) return writePage(page, errorPage(403, 'foreignForm'))
  const routes = isForm ? parts.routes : callers
  const sessions = await Promise.all(routes.map((route) => parts.sessions.read(route, request)))
  const subjects = new Set(sessions.flatMap((session) => session?.subject ?? []))
  const ends = await Promise.all(routes.map((route) => parts.sessions.end(route, request)))
  const isWhole = ends.every(({ isEnded }) => isEnded)
  const cookies = ends.flatMap(({ isEnded, cookie }) => (isEnded ? [cookie] : []))
  for (const loginProvider of new Set(routes.map((route) => loginProviderOf(parts, route))))
    cookies.push(...(await loginProvider.endSession(page)))
  for (const subject of subjects) {
    const what = { actor: subject, subject, address }
    if (isWhole) parts.onEvent({ event: 'signed_out', ...what, detail: 'browser' })
    else parts.onEvent({ event: 'sign_out_refused', ...what, detail: `browser: ${FULL}` })
  }
  if (!isWhole) return writePage(page, errorPage(503, 'nobodyCanSignOut'), cookies)
  writePage(page, isForm ? seeOther(SIGNED_OUT_PATH) : NO_CONTENT, cookies)
}

const NO_CONTENT: HtmlPage = { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }
const FULL = 'no more ended sessions can be remembered'
