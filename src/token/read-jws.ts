// Reads the compact form of a JWS strictly (RFC 7515 §7.1). It says what a token claims and believes nothing of it:
// jwt.ts checks signature and claims.
import type { Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import { readJsonObject } from '../lib/strict-json.ts'
import { reject } from './reject.ts'

export interface Jws {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly alg: string
  readonly kid: string | undefined
  /** The text that was signed. */
  readonly signed: string
  readonly signature: Buffer
}

const MAX_KID_LENGTH = 256
/** RFC 4648 §5: each letter stands at the index of its value. */
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const ONLY_BASE64URL = /^[A-Za-z0-9_-]+$/

/**
 * Whether a token is meant to be a JWT. A broken JWT is then refused here, and never passed to an issuer that reads
 * more leniently (I14). The test is broad on purpose: a dot, and a first part that decodes to `{`.
 */
export function isJwtShaped(token: string): boolean {
  const dot = token.indexOf('.')
  if (dot === -1) return false
  if (token.startsWith('ey')) return true // `ey` decodes to `{`
  return /^[\s\ufeff]*\{/.test(Buffer.from(token.slice(0, dot), 'base64').toString())
}

/**
 * Requires three canonical parts, two JSON objects, an algorithm other than `none`, and no header that changes their
 * meaning.
 */
export function readJws(token: string): Result<Jws> {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first === -1 || second === -1 || token.includes('.', second + 1))
    return reject('shape', 'a JWT has three parts') // J39, J68
  const header = readPart(token.slice(0, first))
  if (header === undefined) return reject('shape', 'the header is not canonical base64url of one JSON object')
  const { alg, kid } = header
  if (typeof alg !== 'string' || /^none\s*$/i.test(alg)) return reject('algorithm', 'no algorithm') // J01, J02
  const claims = readPart(token.slice(first + 1, second))
  if (claims === undefined)
    return reject('shape', 'the payload is not canonical base64url of one JSON object')
  const signature = bytesOf(token.slice(second + 1))
  if (signature === undefined) return reject('shape', 'the signature is not canonical base64url')
  const unsupported = unsupportedHeaderOf(header)
  if (unsupported !== undefined) return reject('shape', unsupported)
  const signed = token.slice(0, second)
  if (kid === undefined) return ok({ header, claims, alg, kid, signed, signature })
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH)
    return reject('key', 'kid is not a short, non-empty string') // J10, J12
  return ok({ header, claims, alg, kid, signed, signature })
}

function readPart(part: string): JsonObject | undefined {
  const bytes = bytesOf(part)
  return bytes && readJsonObject(bytes)
}

/** J42: each value has one text, or an attacker could get around caches and replay tables. */
function bytesOf(part: string): Buffer | undefined {
  return isCanonical(part) ? Buffer.from(part, 'base64url') : undefined
}

/** RFC 4648 §3.5: the bits of the last letter that belong to no byte must be zero. */
function isCanonical(part: string): boolean {
  if (!ONLY_BASE64URL.test(part)) return false
  const left = part.length % 4
  if (left === 0) return true
  const last = BASE64URL.indexOf(part.charAt(part.length - 1))
  return left === 1 ? false : last % (left === 2 ? 16 : 4) === 0
}

/** Refuses header members that change how the rest is read. None is supported. */
function unsupportedHeaderOf(header: JsonObject): string | undefined {
  if (Object.hasOwn(header, 'crit')) return 'it has critical extensions' // RFC 7515 §4.1.11, J37
  if (Object.hasOwn(header, 'b64')) return 'its payload is unencoded' // RFC 7797 §6, J38
  return Object.hasOwn(header, 'cty') ? 'it is nested' : undefined // RFC 7519 §5.2, J41
}
