// Serves requests without a socket of its own: it has the generation that serves, drain, audit and metrics. It takes
// settings, not files.
// reload.ts replaces one generation by another. gateway.ts puts this behind listeners, handler.ts into the server of
// another program.

import type { RequestListener } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { OwnServerNow } from '../as/browser/console-login.ts'
import { openAssertionKeys } from '../assertions/assertion-keys.ts'
import type { AuditEvent, LoadCause } from '../core/audit-event.ts'
import type { ManifestChange } from '../core/manifest.ts'
import { methodKind } from '../core/methods.ts'
import type { ProgramEvents } from '../core/program-events.ts'
import type { Readiness } from '../core/readiness.ts'
import type { Settings } from '../core/settings.ts'
import type { AssertionKeySettings } from '../core/settings-upstream-auth.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { ExchangeServices } from '../exchange/services.ts'
import { Silence } from '../exchange/silence.ts'
import { BODY_BUDGET, createBodyReader } from '../http/body.ts'
import { createLargeWork } from '../limits/large-work.ts'
import type { Audit } from '../observe/audit.ts'
import { createLimitLines, type LimitLines } from '../observe/limit-lines.ts'
import { createSafeLogger, type Logger } from '../observe/log.ts'
import { createMetrics, type Metrics } from '../observe/metrics.ts'
import { createStderrLog } from '../observe/output-log.ts'
import { createPolicyArchive } from '../observe/policy-archive.ts'
import type { RefusalLines } from '../observe/refusal-lines.ts'
import type { Programs } from '../upstream/program/programs.ts'
import { type ApprovalDesk, createApprovalDesk } from './approval-desk.ts'
import { createCancellableCalls } from './cancelled-elsewhere.ts'
import { createConfigurationState } from './configuration-state.ts'
import { drain, type StopTaking } from './drain.ts'
import { createDurableState, type ReportDrift } from './durable-state.ts'
import { createEmbedding } from './embedded.ts'
import { createFront } from './front.ts'
import { createGeneration, type Generation } from './generation.ts'
import { openRecords } from './open-records.ts'
import { openState } from './open-state.ts'
import { openTracing } from './open-tracing.ts'
import { createOwnPrograms } from './own-programs.ts'
import { watchParts } from './part-changes.ts'
import { openApprovals, type ProcessApprovals, type ProcessApprovalsOptions } from './process-approvals.ts'
import { readinessOf } from './readiness-of.ts'
import { type CurrentGeneration, type StagedReload, startGeneration } from './reload.ts'
import type { ServingOptions } from './serving-options.ts'

/** What the owner of the sockets provides. */
export interface ServingFrame {
  /** The parts of the settings that take effect at the next start only, by their names in the file. */
  readonly untilRestart: (settings: Settings) => Readonly<Record<string, unknown>>
  /** Whether new requests are refused. Absent where a closed listener lets none arrive. */
  readonly isClosed?: () => boolean
}

export interface Serving {
  readonly handle: RequestListener
  readonly log: Logger
  readonly metrics: Metrics
  /** The settings that serve now. */
  readonly settings: () => Settings
  readonly generation: () => Generation
  readonly readiness: () => Readiness
  /** Writes into the audit what happened outside any call. */
  readonly record: (event: AuditEvent) => void
  /** The embedded authorization server that serves now. */
  readonly ownServer: OwnServerNow
  /** Where approvals are decided on. */
  readonly approvals: ApprovalDesk
  /** Opens the file of the audit again by its name, after it was moved. Throws, and goes on in the old file. */
  reopenAudit(): void
  /** Counts and reports a reload that was refused. `why`: the first thing that was wrong. */
  refuseReload(why: string): void
  /** Serves other settings from the next request on. */
  reload(settings: Settings, cause: LoadCause): Promise<void>
  /** Serves the settings of that moment anew, with the files that they name as they are by then. */
  refresh(cause: LoadCause): Promise<void>
  /** Reloads in two steps, for several processes that have to agree. Rejects where the settings cannot be used. */
  stage(settings: Settings): Promise<StagedReload>
  /**
   * Reports the process as not ready, waits until load balancers have seen it, then ends what is open. `stop` owns the
   * sockets.
   */
  drain(drainMs: number | undefined, stop: StopTaking): Promise<void>
  /** Closes everything at once, except what `drain` has closed. */
  close(): Promise<void>
}

/** Throws when a file of the settings cannot be used, or a verifier is missing; nothing is open then. */
export async function createServing(options: ServingOptions, frame: ServingFrame): Promise<Serving> {
  const opened: Close[] = []
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each()
  }
  try {
    return { ...(await open(options, frame, opened)), close }
  } catch (error) {
    await close()
    throw error
  }
}

type Close = () => MaybeAsync<void>

/** Adds each part that it opens to `opened`, so that a failed start can close it. */
async function open(
  options: ServingOptions,
  frame: ServingFrame,
  opened: Close[],
): Promise<Omit<Serving, 'close'>> {
  const { settings } = options
  const log = createSafeLogger(options.log ?? createStderrLog({ level: 'info' }))
  let number = options.generation ?? 1
  const { audit, refusals } = await openRecords(options, opened, {
    log,
    generation: () => current.generation(),
    number: () => number,
  })
  const configuration = createConfigurationState()
  const status = () => configuration.status(current.restartNeeded())
  const state = options.state ?? (await openState(settings, log))
  opened.push(() => state.close())
  const isCurrent = () => status().current
  const tracing = await openTracing(settings, log)
  opened.push(() => tracing?.close())
  const metrics = createMetrics({
    ...{ isKnownMethod, audit, isCurrent },
    state: state.status,
    spans: tracing?.delivery,
  })
  const limitLines = createLimitLines({ log, now: () => Date.now() })
  const tell: ProgramEvents['tell'] = (level, fields, words) => log[level](fields, words)
  const programs = options.programs ?? createOwnPrograms(settings.limits, { ...metrics.programs, tell })
  opened.push(() => programs.close())
  const record = (event: AuditEvent) => refusals.tell(event)
  const approvals = approvalsOf(options, { state, log, settings: () => current.settings(), tell: record })
  opened.push(() => approvals.close())
  const build = createBuilder(options, {
    ...{ audit, metrics, log, refusals, limitLines, state, programs, approvals },
    generation: () => current.generation(),
  })
  const current = await startGeneration(settings, number, {
    ...{ build, log },
    untilRestart: frame.untilRestart,
    onSwap(fresh, changes) {
      number = fresh.number
      metrics.nameTools(fresh.namedTools)
      for (const change of changes) audit.event({ actor: 'configuration', ...change })
    },
    onReloaded() {
      configuration.applied()
      metrics.reload('applied')
    },
  })
  opened.push(() => current.close())
  const parts = watchParts({ generation: current.generation, log })
  opened.push(() => parts.close())
  const services = createExchangeServices(options, { audit, metrics, state })
  const { generation } = current
  return {
    handle: createFront({
      ...{ generation, log, audit, metrics, limitLines, tracing, services },
      ...{ activity: options.activity, ...frame },
    }),
    ...{ log, metrics, generation },
    ownServer: async () => generation().embedded?.server,
    approvals: deskOf(approvals, current),
    ...{ settings: current.settings, stage: current.stage, reload: current.reload, refresh: current.refresh },
    readiness: () => readinessOf({ generation: generation(), configuration: status(), audit, state }),
    ...{ record, reopenAudit: () => audit.reopen() },
    refuseReload(why) {
      configuration.refuse(why)
      metrics.reload('refused')
    },
    async drain(drainMs = current.settings().drain.timeoutMs, stop) {
      const generations = current.end()
      await delay(current.settings().drain.delayMs) // S45
      await drain({ generations, stop, drainMs, open: services.open })
    },
  }
}

function deskOf(approvals: ProcessApprovals, { settings, generation }: CurrentGeneration): ApprovalDesk {
  return createApprovalDesk({ approvals, settings, termsOf: (route) => generation().termsOf(route) })
}

function approvalsOf(
  { settings: started, state, housekeeping: sweeps = true }: ServingOptions,
  parts: Pick<ProcessApprovalsOptions, 'state' | 'log' | 'settings' | 'tell'>,
): ProcessApprovals {
  const endsThem = state === undefined && started.state === undefined
  return openApprovals({ ...parts, started, sweeps, endsThem })
}

interface BuilderParts {
  readonly audit: Audit
  readonly metrics: Metrics
  readonly log: Logger
  readonly refusals: RefusalLines
  readonly limitLines: LimitLines
  readonly state: SharedState
  readonly programs: Programs
  readonly approvals: ProcessApprovals
  readonly generation: () => Generation
}

/** Makes generations that share what outlives a reload. */
function createBuilder(
  { settings: { audit: kept }, verifiers, housekeeping = true }: ServingOptions,
  { audit, metrics, log, refusals, limitLines, state: shared, generation, ...parts }: BuilderParts,
): (settings: Settings, number: number) => Promise<Generation> {
  const policies = createPolicyArchive({ directory: kept.policies, required: kept.required, log })
  const drifted: ReportDrift = (route, drift) => {
    audit.event({ event: 'manifest_drift', actor: `upstream of ${route}`, detail: sentenceOf(drift) })
    metrics.drift(route, drift.kind, drift.change)
  }
  const report = (problem: string) => log.warn({ event: 'assertion_keys' }, problem)
  const openKeys = (keys: AssertionKeySettings) => openAssertionKeys({ settings: keys, report })
  const durable = createDurableState({ ...parts, shared, policies, openAssertionKeys: openKeys, drifted })
  const embed = createEmbedding({
    shared,
    housekeeping,
    onEvent(event) {
      metrics.event(event)
      refusals.tell(event)
      limitLines.event(event)
    },
    onFault: (error) => log.error({ event: 'bug', error }, 'the authorization server failed by a fault'),
    prove: (...asked) => generation().prove(...asked),
  })
  return async (settings, number) => {
    const embedded = await embed(settings)
    try {
      return createGeneration(settings, durable, number, { embedded, verifiers })
    } catch (error) {
      await embedded?.close()
      throw error
    }
  }
}

function createExchangeServices(
  { settings, bodies = BODY_BUDGET }: ServingOptions,
  { audit, metrics, state }: Pick<BuilderParts, 'audit' | 'metrics' | 'state'>,
): ExchangeServices {
  return {
    largeWork: createLargeWork(),
    underWay: createCancellableCalls(state.feed),
    readBody: createBodyReader(bodies, settings.limits.sharePerCaller),
    recordBeforeCall: (record) => audit.recordBeforeCall(record),
    open: new Set(),
    silence: new Silence(),
    countStream: (route, change) => metrics.stream(route, change),
  }
}

function sentenceOf({ kind, name, change, members }: ManifestChange): string {
  const what = members.length === 0 ? change : `${change}: ${members.join(', ')}`
  return `${kind} ${what} (${name})`
}

const HTTP_METHODS = new Set(['GET', 'POST', 'DELETE'])

/** Clients may send notifications of any name, so only the other known methods may be labels (K07). */
function isKnownMethod(method: string): boolean {
  return (
    HTTP_METHODS.has(method) || (methodKind(method) !== 'unknown' && !method.startsWith('notifications/'))
  )
}
