// What a check of the replicas is, and what it prints.
import type { Stage, StageNeeds } from './stage.ts'

export interface Line {
  readonly what: string
  readonly good: boolean
}

export interface CheckOptions {
  /** Of `kill`. */
  readonly rounds: number
  /** Decides what `kill` kills, and when. */
  readonly seed: number
  /** Of `rolling`. */
  readonly callsPerSecond: number
  readonly streams: number
}

export interface Check {
  readonly name: string
  /** What its stage is, beside the usual. */
  readonly stage?: Partial<Omit<StageNeeds, 'folder'>>
  run(stage: Stage, options: CheckOptions): Promise<readonly Line[]>
}
