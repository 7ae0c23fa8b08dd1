// Signs who calls, and what, for the server behind the gateway: a JWT of the gateway's own, with a `typ` that no other kind of
// token has (RFC 8725 §3.11). docs/identity.md says how a server verifies it.
import { hash, sign } from 'node:crypto'
import type { Call } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import { ASSERTION_TYPE, type AssertionSettings } from '../core/settings-upstream-auth.ts'
import type { AssertionKeys } from './assertion-keys.ts'
import type { AssertionKey } from './key-file.ts'

/** The call that an assertion is for. */
export interface AssertedCall {
  readonly requestId: string
  /** Empty for GET and DELETE. */
  readonly calls: readonly Call[]
  /** As the upstream gets it. */
  readonly body: Buffer | undefined
}

/** @param now epoch milliseconds. @returns a JWT in compact form */
export type SignAssertion = (principal: Principal, call: AssertedCall, now: number) => string

export interface SignerOptions {
  readonly settings: AssertionSettings
  /** Its `iss`. */
  readonly publicUrl: string
  readonly keys: Pick<AssertionKeys, 'signing'>
}

/** A longer name of a target, in characters, is told by the digest of the body alone: heads have bounds. */
const MAX_ASSERTED_NAME = 512
/** A claim of the caller's token that is longer, as JSON in bytes, is left out. */
const MAX_ASSERTED_CLAIM_BYTES = 4_096

export function createAssertionSigner(options: SignerOptions): SignAssertion {
  const { settings, keys } = options
  const who = createWho(options)
  const fresh: SignAssertion = (principal, call, now) => {
    const seconds = Math.floor(now / 1_000)
    const times = { iat: seconds, exp: seconds + settings.ttlSeconds, jti: call.requestId }
    const what = settings.reuse ? {} : whatOf(call, settings.body)
    return signed({ ...who(principal), ...times, ...what }, keys.signing(seconds))
  }
  return settings.reuse ? reused(fresh, settings.ttlSeconds) : fresh
}

/** One for each verdict on a token, until half of its life is over. */
function reused(fresh: SignAssertion, ttlSeconds: number): SignAssertion {
  const made = new WeakMap<Principal, { readonly text: string; readonly until: number }>()
  return (principal, call, now) => {
    const known = made.get(principal)
    if (known !== undefined && known.until > now) return known.text
    const text = fresh(principal, call, now)
    made.set(principal, { text, until: now + ttlSeconds * 500 })
    return text
  }
}

/** What is the same in all assertions of a caller: made once for each verdict on a token. */
function createWho({ settings, publicUrl }: SignerOptions): (principal: Principal) => object {
  const made = new WeakMap<Principal, object>()
  return (principal) => {
    const known = made.get(principal)
    if (known !== undefined) return known
    const { issuer, subject, clientId, scopes, claims } = principal
    const who = {
      ...Object.fromEntries(settings.claims.flatMap((name) => carried(claims, name))),
      ...Object.fromEntries(carried(claims, 'act')), // RFC 8693 §4.1
      iss: publicUrl,
      aud: settings.audience,
      sub: subject,
      sub_id: { format: 'iss_sub', iss: issuer, sub: subject }, // RFC 9493 §3.2.5
      client_id: clientId,
      scope: [...scopes].join(' '),
    }
    made.set(principal, who)
    return who
  }
}

function carried(claims: Principal['claims'], name: string): [string, unknown][] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  if (value === undefined) return []
  return Buffer.byteLength(JSON.stringify(value)) > MAX_ASSERTED_CLAIM_BYTES ? [] : [[name, value]]
}

/** A batch, and an answer to the server, have no one method, so the body is what the assertion is for. */
function whatOf({ calls, body }: AssertedCall, wantsBody: boolean): object {
  const [call] = calls.length === 1 ? calls.filter(({ kind }) => kind !== 'response') : []
  const [target] = call?.targets.length === 1 ? call.targets : []
  const isNamed = target !== undefined && target.name.length <= MAX_ASSERTED_NAME
  const isWhole = calls.length === 0 || (call !== undefined && (call.targets.length === 0 || isNamed))
  return {
    mcp_method: call?.method,
    mcp_name: isNamed ? target.name : undefined,
    body_sha256: body && (wantsBody || !isWhole) ? hash('sha256', body, 'base64url') : undefined,
  }
}

function signed(claims: object, { kid, algorithm: alg, key }: AssertionKey): string {
  const head = encoded({ alg, typ: ASSERTION_TYPE, kid })
  const text = `${head}.${encoded(claims)}`
  const signature =
    alg === 'ES256'
      ? sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }) // RFC 7518 §3.4
      : sign(null, Buffer.from(text), key)
  return `${text}.${signature.toString('base64url')}`
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
