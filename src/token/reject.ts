// The refusals that end token checks. Their details are for the operator and never quote a claim or a token.
import { randomInt } from 'node:crypto'
import type { Refusal, TokenCheck } from '../core/refusal.ts'
import { refuse } from '../core/refusal.ts'

/** The longest name in a refusal, for the audit. */
const MAX_NAMED_CHARACTERS = 200
/** How many audiences of a token a refusal names. */
const MAX_NAMED_AUDIENCES = 10

export type Rejected = { readonly ok: false; readonly refusal: Refusal }

export function reject(check: TokenCheck, detail: string): Rejected {
  return refuse({ reason: 'token_rejected', check, detail })
}

/** Names the client of a genuine token that is refused. A token that may be made up names nobody. */
export function ofClient(rejected: Rejected, client: unknown): Rejected {
  const { refusal } = rejected
  if (typeof client !== 'string' || client === '') return rejected
  if (refusal.reason !== 'token_rejected' && refusal.reason !== 'dpop_rejected') return rejected
  return refuse({ ...refusal, client: cut(client) })
}

/** What a genuine token says of its holder. */
export interface NamedHolder {
  readonly issuer: string
  readonly subject: unknown
  readonly client: unknown
  /** Whether it names a key: then who shows it has not proved to be its holder (RFC 7800 §3.1). */
  readonly isBound: boolean
}

/** Names the holder and the client of a genuine token that is refused. */
export function ofHolder(rejected: Rejected, { issuer, subject, client, isBound }: NamedHolder): Rejected {
  const { refusal } = rejected
  if (refusal.reason !== 'token_rejected') return rejected
  if (refusal.check === 'issuer') return ofClient(rejected, client) // an answer that somebody else signed for
  const isKnown = !isBound && typeof subject === 'string' && subject !== ''
  const holder = { issuer, subject: isKnown ? cut(subject) : undefined }
  return ofClient(refuse({ ...refusal, holder }), client)
}

/** @param named the `aud` claim of a genuine token, which is not one of ours */
export function misdirected(detail: string, named: unknown, wanted: readonly string[]): Rejected {
  const texts = [named].flat().filter((name): name is string => typeof name === 'string')
  const audience = { named: texts.slice(0, MAX_NAMED_AUDIENCES).map(cut), wanted }
  return refuse({ reason: 'token_rejected', check: 'audience', detail, audience })
}

function cut(name: string): string {
  return name.slice(0, MAX_NAMED_CHARACTERS)
}

/**
 * Refuses because the issuer cannot be asked. This is never a 401, or clients would throw good tokens away (I08, T-24).
 */
export function unreachable(issuer: string, why: string, retryAfterSeconds = soon()): Rejected {
  return refuse({ reason: 'issuer_unreachable', detail: `issuer ${issuer}: ${why}`, retryAfterSeconds })
}

/** D24: callers who were refused together should not come back together, so the time is random. */
function soon(): number {
  return randomInt(2, 5)
}

/** The reason for an embedded server whose store is down. */
export const DATA_AWAY = 'its data cannot be read'
