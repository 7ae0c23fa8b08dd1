// A gateway that runs by itself, with the public listener and the admin listener. It takes settings, not files: the
// command reads the configuration and watches it.
import { consolePages } from '../console/admin-pages.ts'
import type { LoadCause } from '../core/audit-event.ts'
import type { Settings } from '../core/settings.ts'
import { createActivity } from '../observe/activity.ts'
import { joinActivity, ownProcess } from '../observe/joint-activity.ts'
import { listenAdmin } from './admin-listener.ts'
import { approvalPages } from './approval-pages.ts'
import { approvalWebhook } from './approval-webhook.ts'
import { consoleApprovals } from './console-approvals.ts'
import { openMetricExport } from './open-metric-export.ts'
import { serveOnAddress } from './public-listener.ts'
import { publishManifests } from './publish-manifests.ts'
import { createRouteInventory } from './route-inventory.ts'
import type { ServingOptions } from './serving-options.ts'

export type GatewayOptions = ServingOptions

export interface RunningGateway {
  /** The origin at which the public listener really listens: `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly adminOrigin: string
  /** A link that opens the console once, for whoever sits at the terminal. */
  consoleLink(): string
  /**
   * Serves other settings from the next request on. A change of what belongs to the listeners is logged and needs a
   * restart. `cause` stands in the audit; `program` by default.
   */
  reload(settings: Settings, cause?: LoadCause): Promise<void>
  /**
   * Counts and reports a reload that was refused because the file is broken. `why`: the first thing that was wrong, for
   * `/readyz`.
   */
  refuseReload(why: string): void
  /**
   * Opens the file of the audit again by its name, after it was moved. Rejects, and goes on in the old file, where it
   * cannot be opened.
   */
  reopenAudit(): Promise<void>
  /** Reads the TLS files of the listener again; throws, and keeps the old ones, when they cannot be used. */
  reloadTls(): void
  /**
   * Reports itself as not ready, stops accepting, ends long streams in order, and lets other requests finish for at
   * most `drainMs`.
   */
  close(drainMs?: number): Promise<void>
}

/** Throws when an address cannot be listened on, or a file of the settings cannot be used; nothing is open then. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const activity = createActivity(options.settings.limits)
  const served = await serveOnAddress({ ...options, activity })
  const { serving } = served
  try {
    const admin = await listenAdmin({
      ...serving,
      pages: [
        ...approvalPages(serving.approvals),
        ...consolePages({
          ...serving,
          activity: joinActivity(() => [ownProcess(activity)]),
          approvals: consoleApprovals(serving.approvals),
          inventoryOf: createRouteInventory(serving.log),
        }),
      ],
      signedPages: [approvalWebhook(serving.approvals)],
    })
    const sent = await openMetricExport(options.settings, serving.metrics.samples, serving.log)
    void publishManifests(options.settings, serving.log)
    return {
      origin: served.origin,
      adminOrigin: admin.origin,
      consoleLink: admin.consoleLink,
      reload: (next, cause = 'program') => serving.reload(next, cause),
      refuseReload: serving.refuseReload,
      reopenAudit: async () => serving.reopenAudit(),
      reloadTls: () => served.readTls()(),
      async close(drainMs) {
        await served.drain(drainMs)
        await sent?.close()
        await admin.close()
        await serving.close()
      },
    }
  } catch (error) {
    await served.abandon()
    throw error
  }
}
