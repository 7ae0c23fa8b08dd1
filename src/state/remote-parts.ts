// What the parts of a remote state are made of.
import type { SharedState, StateCommands } from '../core/shared-state.ts'
import type { Privacy } from './privacy.ts'

export interface RemoteParts {
  readonly commands: StateCommands
  /** What this process goes on with while the store is away. */
  readonly local: SharedState
  readonly privacy: Privacy
}
