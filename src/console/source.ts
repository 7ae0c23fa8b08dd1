// What the console shows and changes, as the gateway or the primary of its workers gives it.
import type { Readiness } from '../core/readiness.ts'
import type { Settings } from '../core/settings.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { JointActivity } from '../observe/joint-activity.ts'

export interface ConsoleSource {
  /** The settings that serve now. */
  readonly settings: () => Settings
  readonly readiness: () => MaybeAsync<Readiness>
  readonly activity: JointActivity
}
