// What an approval is, and what it is bound to: one call of one caller, by one policy. Values and digests only.
import { createHash } from 'node:crypto'

/** A call for which somebody has to approve. Nothing in it may differ when it is made. */
export interface BoundCall {
  readonly route: string
  readonly issuer: string
  readonly subject: string
  readonly client: string | undefined
  readonly tool: string
  /** The parameters of the call but `_meta` and `task`, as canonical JSON text. */
  readonly params: string
  /** Digest of everything that the route is decided by. */
  readonly policy: string
  /** Digest of the approved inventory; empty where nothing is pinned. */
  readonly manifest: string
  /** The rules that want approval; one of the approvers of each has to agree. */
  readonly rules: readonly string[]
}

/** Who decides: a person, or whoever holds a token of the administration port. */
export interface Decider {
  /** For the audit. */
  readonly name: string
  /** Both of a person, none of a token. */
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
}

export interface Approval {
  /** Hexadecimal digits: those of its place, then some by chance, so that the next one for the same call is another. */
  readonly id: string
  readonly state: 'waiting' | 'approved' | 'denied'
  /** Without its parameters once it is decided. */
  readonly call: BoundCall
  /** `sha256:…` over the call, with its parameters. */
  readonly digest: string
  /** Epoch milliseconds. */
  readonly askedAt: number
  /** Epoch milliseconds: until then it is decided, or used once it is approved. */
  readonly until: number
  readonly decidedBy?: Decider
  readonly decidedAt?: number
}

export type Verdict = 'approve' | 'deny'

/** Parameters are shown whole to whoever decides, and kept until then. */
export const MAX_PARAMS_BYTES = 32 * 1024

export function digestOfCall(call: BoundCall): string {
  const { route, issuer, subject, client, tool, params, policy, manifest, rules } = call
  const text = JSON.stringify([route, issuer, subject, client ?? null, tool, params, policy, manifest, rules])
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** Of the parameters alone, for the audit: it says whether two calls were alike, and not what was in them. */
export function digestOfParams({ params }: BoundCall): string {
  return `sha256:${createHash('sha256').update(params).digest('hex')}`
}
