// Request headers → Credential. Reads node's raw list, because merged views hide a second Authorization (J71).
// A token in the query, a cookie or a body is not looked for: it counts as none (RFC 6750 §2, J70).
import { trimSpace, valuesOf } from '../core/fields.ts'
import type { Credential } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import { ok, refuse } from '../core/refusal.ts'

/**
 * The longest proof, checked before anything is split or decoded (J48). In characters, each of which is a byte in a
 * header.
 */
const MAX_PROOF_LENGTH = 8192
/**
 * Reads what the client presented. token/verifier.ts checks the characters of an unknown token later.
 * @param rawHeaders node's flat list: name, value, name, value
 * @param url the public URL of the request, without query and fragment
 * @param maxLength of a token: a longer one may be good, so its client is not asked to sign in again
 * @param address of the client, for those who are asked about the token
 */
export function readCredential(
  rawHeaders: readonly string[],
  method: string,
  url: string,
  maxLength: number,
  address: string | undefined,
): Result<Credential> {
  const lines = valuesOf(rawHeaders, 'authorization')
  if (lines.length > 1) return refuse({ reason: 'token_malformed', detail: 'two Authorization headers' })
  const [line] = lines
  if (line === undefined) return refuse({ reason: 'token_missing', detail: 'no Authorization header' })
  const { scheme, token } = splitAuthorization(line)
  if (scheme !== 'bearer' && scheme !== 'dpop')
    return refuse({ reason: 'token_missing', detail: 'another authentication scheme' })
  if (token === '') return refuse({ reason: 'token_missing', detail: 'the token is empty' })
  if (token.length > maxLength)
    return refuse({ reason: 'headers_too_large', detail: `the token is longer than ${maxLength} characters` })

  const proofs = valuesOf(rawHeaders, 'dpop')
  const fault = proofFault(proofs)
  if (fault !== undefined)
    return refuse({ reason: 'dpop_rejected', error: 'invalid_dpop_proof', detail: fault })
  const userAgent = () => valuesOf(rawHeaders, 'user-agent')[0]
  return ok({ scheme, token, proof: proofs[0], method, url, address, userAgent })
}

/** RFC 9110 §11.1: the scheme is case-insensitive; RFC 6750 §2.1: `1*SP` follows it. */
function splitAuthorization(line: string): { readonly scheme: string; readonly token: string } {
  const end = line.indexOf(' ')
  if (end === -1) return { scheme: line.toLowerCase(), token: '' }
  let start = end + 1
  while (line[start] === ' ') start += 1
  return { scheme: line.slice(0, end).toLowerCase(), token: trimSpace(line.slice(start)) }
}

// RFC 9449 §4.3 check 1
function proofFault(proofs: readonly string[]): string | undefined {
  if (proofs.length > 1) return 'two DPoP headers'
  return (proofs[0]?.length ?? 0) > MAX_PROOF_LENGTH ? 'the proof is longer than 8 KB' : undefined
}
