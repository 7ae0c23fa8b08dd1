// What a form of the console sends, and the digest of what its page showed, so that a change is made of what somebody
// saw. Who sent it, and how long it may be, is checked before (http/admin.ts).
import { hash } from 'node:crypto'
import { html } from 'hono/html'
import type { AdminContext, AdminVisit } from '../http/admin-page.ts'
import type { ConsoleMarkup } from './page.ts'

/** What a form that changes something sends back, without which it is not taken. */
export function formToken({ formToken: word }: Pick<AdminVisit, 'formToken'>): ConsoleMarkup {
  return html`<input type="hidden" name="csrf" value="${word}">`
}

/** Empty for a body that is no form. */
export async function formFields({ req }: AdminContext): Promise<URLSearchParams> {
  const [type = ''] = (req.header('content-type') ?? '').split(';')
  const isForm = type.trim().toLowerCase() === 'application/x-www-form-urlencoded'
  return new URLSearchParams(isForm ? await req.text() : '')
}

/** Of values that a page showed, in the order in which they are given. */
export function shownDigest(...values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(values), 'base64url')
}
