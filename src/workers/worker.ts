// One worker. It serves on the address that all workers share, carries out the orders of its primary, and drains when
// the primary is gone. It reads no configuration file, has no admin port, and handles no signal.
import cluster, { type Worker } from 'node:cluster'
import { Socket } from 'node:net'
import type { Settings } from '../core/settings.ts'
import { auditOfWorker } from '../core/settings-audit.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { listeningProblem } from '../gateway/listening-problem.ts'
import { type PublicListener, serveOnAddress } from '../gateway/public-listener.ts'
import { publishManifests } from '../gateway/publish-manifests.ts'
import type { StagedReload } from '../gateway/reload.ts'
import { createStateInMemory } from '../gateway/state-in-memory.ts'
import type { AccessOutput } from '../observe/access-log.ts'
import { type Activity, createActivity } from '../observe/activity.ts'
import { createStderrLog } from '../observe/output-log.ts'
import { UNHIDDEN } from '../state/privacy.ts'
import { createRemoteState } from '../state/remote-state.ts'
import { createAccessRelay } from './access-relay.ts'
import { createOpenCalls } from './open-calls.ts'
import {
  type Answered,
  type Answers,
  type Asked,
  OPEN_CALLS_FD,
  type Order,
  PROGRAMS_FD,
  STATE_FD,
  type StartOrder,
} from './orders.ts'
import { type PortableSettings, unpackSettings } from './portable-settings.ts'
import { createProgramsClient } from './programs-client.ts'
import { createStateClient } from './state-client.ts'

/** Resolves when the worker has drained. */
export async function runWorker(): Promise<void> {
  const self = cluster.worker
  if (self === undefined) throw new Error('a worker begins as a child of its primary only')
  self.exitedAfterDisconnect = true // otherwise node ends the process at once when the primary is gone
  const over = Promise.withResolvers<void>()
  const accessOutput = createAccessRelay((told, done) => self.send(told, done))
  const carryOut = createWorker(over.resolve, accessOutput)
  self.on('message', (asked: Asked) => void answer(self, asked, carryOut))
  self.on(
    'disconnect',
    () => void carryOut({ what: 'drain', drainMs: undefined }).catch(() => over.resolve()),
  )
  await over.promise
}

type CarryOut = (order: Order) => Promise<Answers[Order['what']]>

async function answer(self: Worker, { ask, order }: Asked, carryOut: CarryOut): Promise<void> {
  const answered: Answered = await carryOut(order).then(
    (value) => ({ answer: ask, value }),
    (error: unknown) => ({ answer: ask, problem: listeningProblem(error) }),
  )
  if (self.isConnected()) self.send(answered, () => undefined)
}

function createWorker(onDrained: () => void, accessOutput: AccessOutput): CarryOut {
  let served: StartedWorker | undefined
  let place = 0
  let staged: (StagedReload & { readonly useTls: () => void }) | undefined
  let draining: Promise<undefined> | undefined
  const running = (): StartedWorker => {
    if (served === undefined) throw new Error('it has not started')
    return served
  }
  const drain = async (drainMs: number | undefined): Promise<undefined> => {
    await served?.drain(drainMs)
    await served?.serving.close()
    setImmediate(onDrained) // the answer goes first
  }
  return async (order) => {
    switch (order.what) {
      case 'start':
        place = order.worker
        served = await start(order, accessOutput)
        return { origin: served.origin }
      case 'stage': {
        const useTls = running().readTls()
        staged = { ...(await running().serving.stage(settingsOf(order.settings, place))), useTls }
        return undefined
      }
      case 'apply':
        staged?.useTls()
        staged?.apply(order.tells, order.cause)
        staged = undefined
        return undefined
      case 'discard':
        staged?.discard()
        staged = undefined
        return undefined
      case 'reopen_audit':
        running().serving.reopenAudit()
        return undefined
      case 'record':
        running().serving.record(order.event)
        return undefined
      case 'drain':
        draining ??= drain(order.drainMs)
        return draining
      default:
        return report(order, running())
    }
  }
}

interface StartedWorker extends PublicListener {
  readonly activity: Activity
}

type ReportOrder = Extract<Order, { readonly what: 'readiness' | 'metrics' | 'calls' | 'minutes' }>

/** What the admin port of the primary shows of this worker. */
function report(
  order: ReportOrder,
  { serving, activity }: StartedWorker,
): MaybeAsync<Answers[Order['what']]> {
  switch (order.what) {
    case 'readiness':
      return serving.readiness()
    case 'metrics':
      return serving.metrics.samples()
    case 'calls':
      return activity.calls.find(order.query)
    case 'minutes':
      return activity.minutes.list()
  }
}

async function start(order: StartOrder, accessOutput: AccessOutput): Promise<StartedWorker> {
  const { worker, generation, level, terminal, isKeeper, isFirst } = order
  const settings = settingsOf(order.settings, worker)
  const log = createStderrLog({ level, terminal, every: { worker } })
  const activity = createActivity({ ...settings.limits, processes: order.workers })
  const served = await serveOnAddress({
    ...{ settings, log, generation, activity },
    housekeeping: isKeeper,
    programs: createProgramsClient(new Socket({ fd: PROGRAMS_FD })),
    ...(order.isWatched ? { accessOutput } : {}),
    ...(isSharedElsewhere(settings) ? {} : { state: sharedWithOthers() }),
    ...(settings.audit.required ? { openCalls: createOpenCalls(OPEN_CALLS_FD) } : {}),
  })
  if (isFirst) void publishManifests(settings, log)
  return { ...served, activity }
}

/** As the file says, but for what each worker has for itself. */
function settingsOf(packed: PortableSettings, worker: number): Settings {
  const settings = unpackSettings(packed)
  return { ...settings, audit: auditOfWorker(settings.audit, worker) }
}

/** Whether the file names a store; then workers share the state of all replicas. */
function isSharedElsewhere(settings: Settings): boolean {
  return 'state' in settings && settings.state !== undefined
}

/**
 * The state that the primary keeps for all workers. Without the primary each worker goes on as with a store that is
 * away.
 */
function sharedWithOthers(): SharedState {
  const commands = createStateClient(new Socket({ fd: STATE_FD }))
  return createRemoteState({ commands, local: createStateInMemory(), privacy: UNHIDDEN })
}
