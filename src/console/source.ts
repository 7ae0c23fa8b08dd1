// What the console shows and changes, as the gateway or the primary of its workers gives it.
import type { LoadCause } from '../core/audit-event.ts'
import type { Inventory } from '../core/manifest.ts'
import type { Readiness } from '../core/readiness.ts'
import type { RouteSettings, Settings } from '../core/settings.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { JointActivity } from '../observe/joint-activity.ts'
import type { Logger } from '../observe/log.ts'

export type AskedInventory =
  | { readonly ok: true; readonly value: Inventory }
  | { readonly ok: false; readonly problem: string }

export interface ConsoleSource {
  /** The settings that serve now. */
  readonly settings: () => Settings
  readonly readiness: () => MaybeAsync<Readiness>
  readonly activity: JointActivity
  readonly log: Pick<Logger, 'error'>
  /** Everything that the server of a route lists now; or a sentence that says why it could not be asked. */
  readonly inventoryOf: (route: RouteSettings) => Promise<AskedInventory>
  /** Serves the settings of that moment anew, with the manifests as they are on the disk by then. Rejects where it cannot. */
  refresh(cause: LoadCause): Promise<void>
}
