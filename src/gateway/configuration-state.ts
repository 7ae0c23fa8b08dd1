// Whether what serves is what the file says, for `/readyz` and the metrics: of a gateway of one process, and of the primary
// of several.
import type { ConfigurationStatus, RefusedReload } from '../core/readiness.ts'

export interface ConfigurationState {
  /** `restartNeeded`: keys of the file that take effect at the next start. */
  status(restartNeeded?: readonly string[]): ConfigurationStatus
  /** A reload was refused. `why`: the first thing that was wrong. */
  refuse(why: string): void
  applied(): void
}

export function createConfigurationState(): ConfigurationState {
  let refused: RefusedReload | undefined
  return {
    status: (restartNeeded = []) => ({
      current: refused === undefined && restartNeeded.length === 0,
      ...(refused === undefined ? {} : { refused }),
      ...(restartNeeded.length === 0 ? {} : { restart_needed: restartNeeded }),
    }),
    refuse(why) {
      refused = { since: refused?.since ?? new Date().toISOString(), why }
    },
    applied() {
      refused = undefined
    },
  }
}
