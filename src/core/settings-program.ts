// A server that is a program: how it is started, and for whom.
import type { Secret } from './secret.ts'

export interface ProgramSettings {
  /** What to run, then its arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]]
  /** What clients speak: Streamable HTTP, or HTTP+SSE of 2024-11-05. */
  readonly transport: 'http' | 'sse'
  /** Who shares one: nobody, the sessions of a subject, or all callers of the route. */
  readonly per: 'session' | 'subject' | 'route'
  /** Absolute. */
  readonly cwd: string
  /** Until one that nobody uses is ended. */
  readonly idleMs: number
  /** Of this route at one time. */
  readonly max: number
  /** From its start to its first message. */
  readonly startTimeoutMs: number
  /** Between two messages about a call. */
  readonly timeoutMs: number
  /** Whom it runs as; undefined: as the gateway does. */
  readonly runAs: RunAs | undefined
  /** What it has of the gateway's own environment. */
  readonly inherited: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, ProgramVariable>>
}

export interface RunAs {
  readonly uid: number
  readonly gid: number
  readonly home: string | undefined
}

/** A value that is always the same, or what is known of the caller. */
export type ProgramVariable = Secret | CallerVariable

export type CallerVariable =
  | { readonly principal: 'subject' | 'client' | 'issuer' }
  /** A path into the claims of the token. */
  | { readonly claim: string }
