// The orders of the primary to a worker, and their answers. Both run the same program, so nothing is checked here. All
// of it passes through structured clone, which keeps maps, sets and bytes.
import type { AuditEvent, LoadCause } from '../core/audit-event.ts'
import type { Readiness } from '../core/readiness.ts'
import type { LogLevel, LogTerminal } from '../observe/log.ts'
import type { MetricSamples } from '../observe/metrics.ts'
import type { MinuteCount } from '../observe/minute-counts.ts'
import type { CallQuery, FoundCalls } from '../observe/recent-calls.ts'
import type { PortableSettings } from './portable-settings.ts'

export interface StartOrder {
  readonly what: 'start'
  /** Its place among the workers, from 1. */
  readonly worker: number
  readonly settings: PortableSettings
  readonly generation: number
  readonly level: LogLevel
  /** The one that log lines reach in the end. */
  readonly terminal: LogTerminal | undefined
  /** Whether this worker does the work that only one process may do. */
  readonly isKeeper: boolean
  /** Whether this worker does the work that is done once for all workers at the first start. */
  readonly isFirst: boolean
  /** How many workers there are. */
  readonly workers: number
  /** Whether it tells the primary of each call, for a person who watches. */
  readonly isWatched: boolean
}

export type Order =
  | StartOrder
  /** Makes the live parts of other settings, which do not serve yet. */
  | { readonly what: 'stage'; readonly settings: PortableSettings }
  /** Makes the staged parts serve. `tells`: whether this worker records what changed, and by what. */
  | { readonly what: 'apply'; readonly tells: boolean; readonly cause: LoadCause }
  | { readonly what: 'discard' }
  /** Opens the file of the audit again by its name. */
  | { readonly what: 'reopen_audit' }
  /** Writes into the audit what happened at the admin port. */
  | { readonly what: 'record'; readonly event: AuditEvent }
  | { readonly what: 'readiness' }
  | { readonly what: 'metrics' }
  /** For the console: the last calls, and the counts of the last hour. */
  | { readonly what: 'calls'; readonly query: CallQuery }
  | { readonly what: 'minutes' }
  | { readonly what: 'drain'; readonly drainMs: number | undefined }

/** The content of the answer to each order. */
export interface Answers {
  readonly start: { readonly origin: string }
  readonly stage: undefined
  readonly apply: undefined
  readonly discard: undefined
  readonly reopen_audit: undefined
  readonly record: undefined
  readonly readiness: Readiness
  readonly metrics: readonly MetricSamples[]
  readonly calls: FoundCalls
  readonly minutes: readonly MinuteCount[]
  readonly drain: undefined
}

export interface Asked {
  readonly ask: number
  readonly order: Order
}

export interface Answered {
  readonly answer: number
  readonly value?: Answers[Order['what']]
  /** A sentence that says why the order could not be carried out. */
  readonly problem?: string
}

/** The first argument of the program when it starts as a worker. Without a primary as its parent it is no command. */
export const WORKER_ARGUMENT = 'worker'

/** The file descriptors that a worker is given. */
export const STATE_FD = 4
export const PROGRAMS_FD = 5
export const OPEN_CALLS_FD = 6
