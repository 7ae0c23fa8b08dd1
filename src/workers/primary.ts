// The primary of several workers: starts them, replaces those that die, reloads them together, drains them, and has the
// admin port. It serves no call. Takes settings, not files, like a gateway of one process.
import { consolePages } from '../console/admin-pages.ts'
import type { ConsoleSource } from '../console/source.ts'
import type { LoadCause } from '../core/audit-event.ts'
import type { ProgramEvents } from '../core/program-events.ts'
import type { Readiness } from '../core/readiness.ts'
import type { Settings } from '../core/settings.ts'
import { type AdminSource, listenAdmin } from '../gateway/admin-listener.ts'
import { type ConfigurationState, createConfigurationState } from '../gateway/configuration-state.ts'
import type { RunningGateway } from '../gateway/gateway.ts'
import { openMetricExport } from '../gateway/open-metric-export.ts'
import { createRouteInventory } from '../gateway/route-inventory.ts'
import { createStateInMemory } from '../gateway/state-in-memory.ts'
import { createTurns } from '../lib/turns.ts'
import type { AccessOutput } from '../observe/access-log.ts'
import { joinActivity } from '../observe/joint-activity.ts'
import type { Logger, LogLevel, LogTerminal } from '../observe/log.ts'
import { createSummedMetrics, type SummedMetrics } from '../observe/summed-metrics.ts'
import { createDeathRecords, type DeathRecords } from './death-records.ts'
import type { WorkerProcess } from './forked-worker.ts'
import { jointReadiness } from './joint-readiness.ts'
import type { Order } from './orders.ts'
import { createPlace, type Place, type WorkerDeath } from './place.ts'
import { type PortableSettings, packSettings } from './portable-settings.ts'
import { openPrimaryApprovals } from './primary-approvals.ts'
import { createPrimarySignIn } from './primary-sign-in.ts'
import { createProgramsServer, type ProgramsServer } from './programs-server.ts'
import { createLineWriter } from './relay.ts'
import { recordAt, servingIn } from './serving-workers.ts'
import { createSharedKey } from './shared-settings.ts'
import { createStateServer } from './state-server.ts'
import { askedWorker } from './worker-activity.ts'

/** How long a worker may take to make the live parts of a reload, in milliseconds. */
const STAGE_MS = 60_000
/** How long an answer of the admin port waits for a worker. */
const REPORT_MS = 2_000
/** How long an end may take beyond `drain` and `drain_delay`, in milliseconds. */
const DRAIN_GRACE_MS = 15_000

export interface PrimaryOptions {
  readonly settings: Settings
  readonly count: number
  /** The file of the program, with which each worker starts too. */
  readonly program: string
  readonly log: Logger
  readonly level: LogLevel
  /** The one that log lines reach. */
  readonly terminal?: LogTerminal | undefined
  /** Where a person is told of each call; absent: nobody watches. */
  readonly accessOutput?: AccessOutput
}

export interface RunningWorkers extends RunningGateway {
  /** Ends everything at once, and reports nothing. */
  kill(): void
}

/** Throws when a worker cannot start, or the admin port cannot be listened on; no process is left then. */
export async function startPrimary(options: PrimaryOptions): Promise<RunningWorkers> {
  const primary = await createPrimary(options)
  try {
    const origin = await primary.begin()
    const approvals = await primary.openApprovals()
    const signIn = primary.createSignIn()
    const pages = [...approvals.pages, ...consolePages({ ...primary, approvals: approvals.shown })]
    const admin = await listenAdmin({
      ...{ ...primary, pages, signedPages: approvals.signedPages },
      ownServer: signIn.ownServer,
    })
    const { settings, log } = options
    const sent = await openMetricExport(settings, primary.metrics.samples, log) // workers send none (docs/telemetry.md)
    return {
      ...{ origin, adminOrigin: admin.origin, consoleLink: admin.consoleLink },
      reload: primary.reload,
      ...{ refuseReload: primary.refuseReload, reopenAudit: primary.reopenAudit },
      reloadTls() {}, // each worker reads the TLS files when it stages a reload
      kill: primary.kill,
      async close(drainMs) {
        await sent?.close() // while there are workers to ask
        await approvals.close() // while there are workers that write into the audit
        await primary.drain(drainMs)
        await admin.close()
        await signIn.close()
        await primary.close()
      },
    }
  } catch (error) {
    primary.kill()
    await primary.drain(0)
    await primary.close()
    throw error
  }
}

/** What all parts of a primary use. */
interface Common {
  settings: Settings
  packed: PortableSettings
  generation: number
  isEnding: boolean
  readonly configuration: ConfigurationState
  readonly places: readonly Place[]
  readonly programs: ProgramsServer
  /** Gives back the programs of the settings that serve. */
  releasePrograms: () => void
  readonly metrics: SummedMetrics
  readonly log: Logger
}

async function createPrimary(options: PrimaryOptions) {
  const { settings, count, program, log, level, terminal, accessOutput } = options
  const shared = createSharedKey()
  const tables = createStateInMemory()
  const { serve: serveState } = createStateServer(tables)
  const records = await createDeathRecords(settings, log, () => common.generation)
  const [stdout, stderr] = [records.stdout, createLineWriter(2)]
  const turns = createTurns()
  const inTurn = (work: () => Promise<void>) => turns('processes', work)
  const startOrder = (worker: number): Order & { readonly what: 'start' } => ({
    what: 'start',
    ...{ worker, level, terminal, generation: common.generation, settings: common.packed, workers: count },
    isKeeper: worker === 1,
    isFirst: worker === 1 && common.generation === 1 && common.places[0]?.status().deaths === 0,
    isWatched: accessOutput !== undefined,
  })
  const createPlaceOf = (worker: number) =>
    createPlace({
      ...{ worker, program, stdout, stderr, inTurn, accessOutput, serveState },
      callsFolder: records.callsFolder,
      servePrograms: programs.serve,
      startOrder: () => startOrder(worker),
      isEnding: () => common.isEnding,
      onDeath: (death) => tellDeath(death, common, records),
    })
  const configuration = createConfigurationState()
  const metrics = createSummedMetrics({
    serving: () => servingIn(places).length,
    isCurrent: () => configuration.status().current,
  })
  const tell: ProgramEvents['tell'] = (tone, fields, words) => log[tone](fields, words)
  const programs = createProgramsServer(settings, { ...metrics.programs, tell })
  const places = Array.from({ length: count }, (_, index) => createPlaceOf(index + 1))
  const common: Common = {
    ...{ settings, packed: packSettings(shared(settings)), generation: 1, places, log },
    ...{ isEnding: false, configuration, metrics },
    ...{ programs, releasePrograms: programs.hold(settings) },
  }
  const shown = shownOf(common, records)
  return {
    ...shown,
    openApprovals: () => openPrimaryApprovals({ tables, started: shared(settings), ...shown, log }),
    ...{ begin: () => beginAll(places), createSignIn: () => createPrimarySignIn({ tables, ...shown, log }) },
    refuseReload(why: string) {
      common.configuration.refuse(why)
      common.metrics.reload('refused')
    },
    reopenAudit: () => inTurn(() => reopenAudit(common, records)),
    reload: (next: Settings, cause: LoadCause = 'program') =>
      inTurn(async () => {
        await swap(next, packSettings(shared(next)), cause, common)
        common.configuration.applied()
        common.metrics.reload('applied')
      }),
    refresh: (cause: LoadCause) => inTurn(() => swap(common.settings, common.packed, cause, common)),
    kill() {
      common.isEnding = true
      for (const place of places) place.kill()
    },
    async drain(drainMs: number | undefined) {
      common.isEnding = true
      const { delayMs, timeoutMs } = common.settings.drain
      const patienceMs = delayMs + (drainMs ?? timeoutMs) + DRAIN_GRACE_MS
      await Promise.all(places.map((place) => drainPlace(place, drainMs, patienceMs)))
    },
    async close() {
      common.releasePrograms()
      await programs.close()
      await records.close()
    },
  }
}

/** Starts the first worker alone, since it brings the data of the authorization server to the newest schema. */
async function beginAll([first, ...others]: readonly Place[]): Promise<string> {
  const origin = await (first as Place).begin()
  await Promise.all(others.map((place) => place.begin()))
  return origin
}

interface Shown extends AdminSource, Omit<ConsoleSource, 'readiness' | 'settings' | 'refresh' | 'approvals'> {
  readonly metrics: SummedMetrics
  readonly generation: () => number
}

/** What the admin port shows. */
function shownOf(common: Common, records: DeathRecords): Shown {
  const { log, places, metrics } = common
  return {
    settings: () => common.settings,
    generation: () => common.generation,
    metrics: {
      ...metrics,
      text: () => gatherMetrics(common).then(metrics.text),
      samples: () => gatherMetrics(common).then(metrics.samples),
    },
    readiness: () => gatherReadiness(common, records),
    log,
    inventoryOf: createRouteInventory(log),
    activity: joinActivity(() => servingIn(places).map(([number, worker]) => askedWorker(number, worker))),
    record: (event) => recordAt(places, event, log),
  }
}

function tellDeath(death: WorkerDeath, { metrics, log }: Common, records: DeathRecords): void {
  const { worker, pid, how, openCalls, nextMs, isLoop } = death
  metrics.death()
  metrics.retire(worker)
  records.write(death)
  const fields = { event: 'worker_died', worker, pid, how, open_calls: openCalls.length, next_ms: nextMs }
  log.error(fields, 'a worker died; its calls were cut')
  if (isLoop)
    log.error(
      { event: 'worker_crash_loop', worker },
      'workers die soon after every start; the lines above say why',
    )
}

/** Lets all workers serve these settings, or none. */
async function swap(next: Settings, packed: PortableSettings, cause: LoadCause, common: Common) {
  const { places, programs, log } = common
  if (common.isEnding) throw new Error('the gateway is ending')
  const releasePrograms = programs.hold(next)
  const workers = servingIn(places).map(([, worker]) => worker)
  const staged = await Promise.allSettled(
    workers.map((worker) => worker.ask({ what: 'stage', settings: packed }, STAGE_MS)),
  )
  const refused = staged.find((each) => each.status === 'rejected')
  if (refused !== undefined) {
    await Promise.allSettled(workers.map((worker) => worker.ask({ what: 'discard' }, REPORT_MS)))
    releasePrograms()
    throw refused.reason
  }
  common.settings = next
  common.packed = packed
  common.generation += 1
  await Promise.all(workers.map((worker, index) => applyTo(worker, index === 0, cause)))
  common.releasePrograms()
  common.releasePrograms = releasePrograms
  log.info({ event: 'reloaded', generation: common.generation }, 'the configuration was reloaded')
  for (const place of places) place.forgive()
}

/** Rejects with what the first of them says; the others go on in the new file. */
async function reopenAudit({ places }: Common, records: DeathRecords): Promise<void> {
  records.reopen()
  await Promise.all(servingIn(places).map(([, worker]) => worker.ask({ what: 'reopen_audit' }, REPORT_MS)))
}

/** Lets a worker serve the new settings. A worker that cannot do so is replaced. */
async function applyTo(worker: WorkerProcess, tells: boolean, cause: LoadCause): Promise<void> {
  await worker.ask({ what: 'apply', tells, cause }, STAGE_MS).catch(() => worker.kill())
}

async function drainPlace(place: Place, drainMs: number | undefined, patienceMs: number): Promise<void> {
  const worker = place.serving()
  await worker?.ask({ what: 'drain', drainMs }, patienceMs).catch(() => worker.kill())
  await place.leave()
}

/** Asks every worker what it has counted. */
async function gatherMetrics({ places, metrics }: Common): Promise<void> {
  await Promise.all(
    servingIn(places).map(async ([number, worker]) => {
      const samples = await worker.ask({ what: 'metrics' }, REPORT_MS).catch(() => undefined)
      if (samples !== undefined) metrics.keep(number, samples)
    }),
  )
}

async function gatherReadiness(common: Common, records: DeathRecords): Promise<Readiness> {
  const { places, generation, isEnding, configuration } = common
  const answers = await Promise.all(
    places.map(async (place) => {
      const worker = place.serving()
      const readiness = await worker?.ask({ what: 'readiness' }, REPORT_MS).catch(() => undefined)
      const status = place.status()
      const isSilent = status.state === 'serving' && readiness === undefined
      return { readiness, status: isSilent ? { ...status, state: 'silent' as const } : status }
    }),
  )
  return jointReadiness({
    generation,
    isDraining: isEnding,
    configuration,
    places: answers,
    auditFailures: records.failures(),
  })
}
