// What the primary asks of a worker, and what it gets. Both are of one program, so nothing here is checked; all of it
// passes through structured clone, which keeps maps, sets and bytes.
import type { Readiness } from '../core/readiness.ts'
import type { LogLevel } from '../observe/log.ts'
import type { MetricSamples } from '../observe/metrics.ts'
import type { PortableSettings } from './portable-settings.ts'

export interface StartOrder {
  readonly what: 'start'
  /** Its place among the workers, from 1. */
  readonly worker: number
  readonly settings: PortableSettings
  readonly generation: number
  readonly level: LogLevel
  /** Whether it does what only one process should do. */
  readonly isKeeper: boolean
  /** Whether what is done once for all workers at the first start is its part. */
  readonly isFirst: boolean
}

export type Order =
  | StartOrder
  /** Makes the live parts of other settings, which serve nobody yet. */
  | { readonly what: 'stage'; readonly settings: PortableSettings }
  /** They serve from now on; `tells`: whether it is the one who puts on record what changed. */
  | { readonly what: 'apply'; readonly tells: boolean }
  | { readonly what: 'discard' }
  | { readonly what: 'readiness' }
  | { readonly what: 'metrics' }
  | { readonly what: 'drain'; readonly drainMs: number | undefined }

/** What the answer to each order holds. */
export interface Answers {
  readonly start: { readonly origin: string }
  readonly stage: undefined
  readonly apply: undefined
  readonly discard: undefined
  readonly readiness: Readiness
  readonly metrics: readonly MetricSamples[]
  readonly drain: undefined
}

export interface Asked {
  readonly ask: number
  readonly order: Order
}

export interface Answered {
  readonly answer: number
  readonly value?: Answers[Order['what']]
  /** A sentence: why the order could not be carried out. */
  readonly problem?: string
}

/** The argument with which the program begins as a worker. Where it is not a child of a primary it is no command. */
export const WORKER_ARGUMENT = 'worker'

/** What a worker finds at these descriptors. */
export const STATE_FD = 4
export const OPEN_CALLS_FD = 5
