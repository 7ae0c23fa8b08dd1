// What a form of the console sends: a few fields, read whole and within a bound; and the digest of what its page showed,
// so that a change is made of what somebody saw.
import { hash } from 'node:crypto'
import type { AdminContext } from '../http/admin-page.ts'

/** A manifest may have thousands of names. */
const MAX_FORM_BYTES = 1024 * 1024

/** Undefined: it is no form, or too large. */
export async function readForm({ req }: AdminContext): Promise<URLSearchParams | undefined> {
  const [type = ''] = (req.header('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return undefined
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of req.raw.body ?? []) {
    size += piece.length
    if (size > MAX_FORM_BYTES) return undefined
    pieces.push(piece)
  }
  return new URLSearchParams(Buffer.concat(pieces).toString())
}

/** Of values that a page showed, in the order in which they are given. */
export function shownDigest(...values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(values), 'base64url')
}
