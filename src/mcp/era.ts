// Finds the family of revisions that a message belongs to (ERA-01, ERA-02). The body decides and the header is a
// cross-check, so no header can make the gateway skip a check. Pure; it reads no other header.

import { type Era, ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { MODERN_VERSION } from '../core/revision.ts'
import { badParams, invalidElement } from './element.ts'

const LEGACY_VERSIONS: ReadonlySet<string> = new Set(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])

/** What `_meta` says about the protocol version. A version that is no string is `malformed`. */
export type VersionClaim =
  | { readonly state: 'absent' }
  | { readonly state: 'malformed' }
  | { readonly state: 'present'; readonly version: string; readonly missing: readonly string[] }

export interface VersionEvidence {
  readonly kind: 'request' | 'notification' | 'response'
  readonly method: string
  readonly claim: VersionClaim
  /** The one value of MCP-Protocol-Version, trimmed. */
  readonly header: string | undefined
}

export interface ClassifiedMessage {
  readonly era: Era
  readonly version: string | undefined
}

export function classify(evidence: VersionEvidence): Result<ClassifiedMessage> {
  if (evidence.kind === 'response') return classifyResponse(evidence.header)
  // `initialize` is the legacy handshake, whatever its _meta says, unless it claims a modern revision in full.
  if (evidence.method === 'initialize' && !claimsModern(evidence.claim))
    return classifyHandshake(evidence.header)
  if (evidence.claim.state === 'malformed') return badParams('the protocol version in _meta is not a string')
  if (evidence.claim.state === 'present') return classifyClaim(evidence, evidence.claim)
  return classifyUnclaimed(evidence)
}

function claimsModern(claim: VersionClaim): boolean {
  return claim.state === 'present' && namesModern(claim.version) && claim.missing.length === 0
}

function classifyClaim(
  { kind, header }: VersionEvidence,
  { version, missing }: VersionClaim & { readonly state: 'present' },
): Result<ClassifiedMessage> {
  if (header !== undefined && header !== version) return mismatch('MCP-Protocol-Version and _meta differ') // M36
  // A version in _meta belongs to the modern era, so one that is not supported there is unsupported (T26-07).
  if (version !== MODERN_VERSION) return unsupported(version, [MODERN_VERSION])
  if (kind === 'request' && missing.length > 0) return badParams(`_meta lacks ${missing.join(', ')}`) // T26-18
  return ok({ era: 'modern', version })
}

// LEG-05: an invalid or unsupported header is a 400. Some revisions have no header, so without one the message is
// legacy. An unknown version could be a revision with checks that the gateway does not know, so the gateway refuses it
// and does not leave it to the upstream.
function classifyUnclaimed({ kind, header }: VersionEvidence): Result<ClassifiedMessage> {
  if (header === undefined || LEGACY_VERSIONS.has(header)) return ok({ era: 'legacy', version: header })
  if (header !== MODERN_VERSION) return unsupported(header, [MODERN_VERSION, ...LEGACY_VERSIONS])
  if (kind === 'notification') return ok({ era: 'modern', version: header })
  return badParams('_meta lacks the protocol version that the header names')
}

/** The handshake negotiates the version in its body, so only a header of the wrong era is refused. */
function classifyHandshake(header: string | undefined): Result<ClassifiedMessage> {
  if (header !== undefined && namesModern(header)) return mismatch('initialize with a modern version header')
  return ok({ era: 'legacy', version: header })
}

function classifyResponse(header: string | undefined): Result<ClassifiedMessage> {
  if (header === MODERN_VERSION) return invalidElement('a client sends no responses in this revision') // T26-03, M19
  if (header === undefined || LEGACY_VERSIONS.has(header)) return ok({ era: 'legacy', version: header })
  return unsupported(header, [...LEGACY_VERSIONS])
}

/** Revisions are dates, so they sort as text. */
function namesModern(version: string): boolean {
  return DATE.test(version) && version >= MODERN_VERSION
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

export function mismatch(detail: string): { readonly ok: false; readonly refusal: Refusal } {
  return refuse({ reason: 'header_mismatch', detail })
}

/** T26-07: `supported` lists only versions that a request of the same form could ask for. */
function unsupported(
  requested: string,
  supported: readonly string[],
): { readonly ok: false; readonly refusal: Refusal } {
  return refuse({ reason: 'version_unsupported', requested, supported })
}
