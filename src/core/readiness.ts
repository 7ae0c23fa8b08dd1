// What `/readyz` says. Values only.
import type { PartStatus } from './route.ts'

export interface Readiness {
  readonly ready: boolean
  readonly configuration: ConfigurationStatus
  /** From the signal that ends the gateway on. */
  readonly draining?: true
  readonly generation: number
  readonly routes: readonly { readonly name: string; readonly parts: readonly PartStatus[] }[]
  /** Outside providers; calls with a token go on without them, so they make nothing unready. */
  readonly sign_in?: readonly PartStatus[]
  /** What gateways share; without it each goes on alone, so it makes nothing unready. */
  readonly state?: PartStatus
  readonly audit: { readonly failures: number }
  /** Where several processes serve. */
  readonly workers?: readonly WorkerStatus[]
}

/** The last good configuration serves on whatever the file says, so it makes nothing unready. */
export interface ConfigurationStatus {
  /** Whether what serves is what the file says. */
  readonly current: boolean
  /** A reload was refused, and none was applied since. */
  readonly refused?: RefusedReload
  /** Keys of the file that take effect at the next start. */
  readonly restart_needed?: readonly string[]
}

export interface RefusedReload {
  /** When the first of them was refused since one was applied; RFC 3339. */
  readonly since: string
  /** The first thing that was wrong the last time. */
  readonly why: string
}

export interface WorkerStatus {
  readonly worker: number
  /** `waiting`: it died, and the next try is delayed. `silent`: it does not answer. */
  readonly state: 'serving' | 'starting' | 'waiting' | 'silent'
  readonly pid?: number
  /** How many processes in this place have died. */
  readonly deaths: number
  /** There when they die again and again soon after their start. */
  readonly crash_loop?: true
}
