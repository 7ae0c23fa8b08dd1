// Signatures of webhooks as Standard Webhooks 1.0.0 has them: HMAC-SHA256 over id, time and body, by a secret `whsec_…`.
// Whether a message came before is for the caller to know.
import { createHmac, timingSafeEqual } from 'node:crypto'

const PREFIX = 'whsec_'
const VERSION = 'v1,'
/** How old, or how far ahead, the time of a message may be. */
export const MAX_SKEW_SECONDS = 300
/** A header may hold several signatures, while a secret is replaced. */
const MAX_SIGNATURES = 5
const MAX_ID_CHARS = 256

export interface SignedHeaders {
  readonly id: string
  /** Epoch seconds, as decimal digits. */
  readonly timestamp: string
  readonly signature: string
}

/** @param secret `whsec_` and base64 */
export function signWebhook(
  secret: string,
  id: string,
  timestamp: string,
  body: string | Uint8Array,
): string {
  return VERSION + macOf(secret, id, timestamp, body).toString('base64')
}

/** Whether the message is from who has the secret, and is of now. `now`: epoch milliseconds. */
export function isWebhookFrom(
  secret: string,
  { id, timestamp, signature }: SignedHeaders,
  body: Uint8Array,
  now: number,
): boolean {
  if (id === '' || id.length > MAX_ID_CHARS || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(Number(timestamp) - now / 1_000) > MAX_SKEW_SECONDS) return false
  const expected = macOf(secret, id, timestamp, body)
  const shown = signature.split(' ', MAX_SIGNATURES).filter((each) => each.startsWith(VERSION))
  return shown.map((each) => isEqual(each.slice(VERSION.length), expected)).includes(true)
}

function isEqual(text: string, expected: Buffer): boolean {
  const shown = Buffer.from(text, 'base64')
  return shown.length === expected.length && timingSafeEqual(shown, expected)
}

function macOf(secret: string, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
}
