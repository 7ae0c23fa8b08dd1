// Whether a request of a browser was made by a page of the console. Host is held against the names of the port, as on the
// public port; a change must come from the same origin, and bring a word that only its page could know.
import { valuesOf } from '../core/fields.ts'
import type { AdminContext } from '../http/admin-page.ts'
import { createOriginPolicy } from '../http/origin.ts'
import { isSameWord } from './sessions.ts'

/** In a form; scripts send the same in a header, which no page of another origin can add. */
const FORM_FIELD = 'csrf'
const HEADER = 'x-portcullis-csrf'

/** @param origin of the console, as browsers are told it */
export function isOwnHost({ env: { incoming } }: AdminContext, origin: string): boolean {
  const policy = createOriginPolicy({ publicUrl: origin, allowedHosts: [], allowedOrigins: [] })
  const hosts = valuesOf(incoming.rawHeaders, 'host')
  return policy.checkHost(hosts.length === 1 ? hosts[0] : undefined) === undefined
}

/**
 * Browsers say where a request comes from in `Sec-Fetch-Site`, which no page can set. `Origin` is `null` in a form of a page
 * that sends no referrer, as ours do, so that says nothing; any other has to be that of the address that was asked.
 */
export function isSameOrigin({ env: { incoming } }: AdminContext, origin: string): boolean {
  const site = incoming.headers['sec-fetch-site']
  const origins = valuesOf(incoming.rawHeaders, 'origin')
  const own = `${new URL(origin).protocol}//${incoming.headers.host}`
  const isHere = site === undefined || site === 'same-origin'
  return isHere && origins.every((sent) => sent === own || (sent === 'null' && site !== undefined))
}

/** A form or a script of a page that was given `word`. */
export async function hasWord(context: AdminContext, word: string): Promise<boolean> {
  const header = context.req.header(HEADER)
  const sent = header ?? (await formField(context, FORM_FIELD))
  return sent !== undefined && isSameWord(sent, word)
}

/** Undefined where it is absent, sent twice, or a file, and where the body is no form. */
export async function formField(context: AdminContext, name: string): Promise<string | undefined> {
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded(?:$|[ \t]*;)/i.test(type)) return undefined
  const values = new URLSearchParams(await context.req.text()).getAll(name)
  return values.length === 1 ? values[0] : undefined
}
