// The services that the parts of a remote state are given.
import type { SharedState, StateCommands } from '../core/shared-state.ts'
import type { Privacy } from './privacy.ts'

export interface RemoteParts {
  readonly commands: StateCommands
  /** The state that this process uses while the store is away. */
  readonly local: SharedState
  readonly privacy: Privacy
}
