// Counters and histograms in Prometheus text format. Labels take their values from configuration and from
// closed lists, never from what a client sends (K07).
import { Counter, Gauge, type MetricObjectWithValues, type MetricValueWithName, Registry } from 'prom-client'
import type { AuditEvent } from '../core/audit-event.ts'
import type { TargetKind } from '../core/call.ts'
import type { ProgramEvents } from '../core/program-events.ts'
import type { PartStatus } from '../core/route.ts'
import type { Audit } from './audit.ts'
import { createDurations } from './durations.ts'
import { collectProcessMetrics } from './process-metrics.ts'
import { createProgramCounters } from './program-counters.ts'
import type { RequestRecord } from './request-record.ts'
import { createRequestTally } from './request-tally.ts'
import { createToolTally, type NamedTools } from './tool-tally.ts'
import type { SpanDelivery } from './tracing.ts'

export interface Metrics {
  record(record: RequestRecord): void
  /** The tools that have labels of their own from now on. */
  nameTools(routes: readonly NamedTools[]): void
  /** A stream opened (+1) or closed (−1). */
  stream(route: string, change: 1 | -1): void
  reload(result: 'applied' | 'refused'): void
  /** Something was listed that is not as it was approved. */
  drift(route: string, kind: TargetKind, change: 'added' | 'changed'): void
  /** Servers that are programs. */
  readonly programs: Omit<ProgramEvents, 'tell'>
  /** Something that the authorization server did or refused. */
  event(event: AuditEvent): void
  readonly contentType: string
  text(): Promise<string>
  /** Returns the metrics as values, which are added to those of other processes. */
  samples(): Promise<readonly MetricSamples[]>
}

export type MetricSamples = MetricObjectWithValues<MetricValueWithName<string>>

export interface MetricsOptions {
  /** Names of methods that may stand in a label; all others are counted as `other`. */
  readonly isKnownMethod: (method: string) => boolean
  /** Lines that could not be written, and the part of them that found no room to wait. */
  readonly audit: Pick<Audit, 'failures' | 'dropped'> & Partial<Pick<Audit, 'anchored' | 'ocsfLost'>>
  /** Whether what serves is what the file says. */
  readonly isCurrent: () => boolean
  /** The status of the state that several gateways share; absent where nothing is shared. */
  readonly state?: (() => PartStatus) | undefined
  /** Spans on their way; absent where none are made. */
  readonly spans?: SpanDelivery | undefined
}

const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]
const STREAM_SECONDS = [1, 10, 60, 600, 3_600, 14_400, 86_400]

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectProcessMetrics(registry)
  const decisions = new Counter({
    name: 'portcullis_decisions_total',
    help: 'Requests by route, JSON-RPC method and verdict; reason is empty for allowed ones.',
    labelNames: ['route', 'method', 'decision', 'reason'],
    registers,
  })
  const countRules = createRuleCounters(registers)
  const drift = createDriftCounter(registers)
  const outcomes = new Counter({
    name: 'portcullis_responses_total',
    help: 'Responses by route, HTTP status class, JSON-RPC outcome and how they ended.',
    labelNames: ['route', 'status', 'rpc', 'ending'],
    registers,
  })
  const durationsOf = createDurations({
    name: 'portcullis_request_duration_seconds',
    help: 'Time from the request line to the end of the response, without streams that listen.',
    bounds: SECONDS,
    registry,
  })
  const streamsOf = createDurations({
    name: 'portcullis_stream_duration_seconds',
    help: 'How long streams that listen were open.',
    bounds: STREAM_SECONDS,
    registry,
  })
  const tools = createToolTally(registry, SECONDS)
  const streams = new Gauge({
    name: 'portcullis_open_streams',
    help: 'Event streams open now.',
    labelNames: ['route'],
    registers,
  })
  showAudit(registers, options.audit)
  showConfiguration(registers, options.isCurrent)
  if (options.state !== undefined) showState(registers, options.state)
  if (options.spans !== undefined) showSpans(registers, options.spans)
  const methodOf = ({ calls, httpMethod }: RequestRecord) => {
    if (calls.length > 1) return 'batch'
    const method = calls[0]?.method ?? httpMethod
    return options.isKnownMethod(method) ? method : 'other'
  }
  const requests = createRequestTally({ decisions, outcomes, durationsOf, streamsOf })
  const settled = () => {
    requests.settle()
    return registry
  }
  return {
    record(record) {
      const method = methodOf(record)
      const seconds = (performance.now() - record.startedMs) / 1_000
      requests.count(record, method, seconds)
      tools.count(record, seconds)
      countRules(record, method)
    },
    nameTools: tools.name,
    stream: (route, change) => streams.inc({ route }, change),
    reload: createReloadCounter(registers),
    drift,
    programs: createProgramCounters(registers),
    event: createEventCounter(registers),
    contentType: registry.contentType,
    text: () => settled().metrics(),
    samples: () => settled().getMetricsAsJSON(),
  }
}

/** The counter of reloads, of one process or of the primary of several. */
export function createReloadCounter(registers: Registry[]): Metrics['reload'] {
  const reloads = new Counter({
    name: 'portcullis_config_reloads_total',
    help: 'Configuration reloads, applied or refused.',
    labelNames: ['result'],
    registers,
  })
  return (result) => reloads.inc({ result })
}

/** The lowest value of several processes counts. */
export function showConfiguration(registers: Registry[], isCurrent: () => boolean): void {
  new Gauge({
    name: 'portcullis_config_current',
    help: '1 while what serves is what the file says; 0 after a refused reload, and until a restart that it needs.',
    aggregator: 'min',
    registers,
    collect() {
      this.set(isCurrent() ? 1 : 0)
    },
  })
}

function showAudit(registers: Registry[], audit: MetricsOptions['audit']): void {
  showAnchored(registers, audit)
  showOcsf(registers, audit)
  new Gauge({
    name: 'portcullis_audit_failures',
    help: 'Audit lines that could not be written.',
    registers,
    collect() {
      this.set(audit.failures)
    },
  })
  new Gauge({
    name: 'portcullis_audit_dropped',
    help: 'Audit lines dropped before a slow disk: of callers over their share, or of anybody as all was full.',
    labelNames: ['why'],
    registers,
    collect() {
      for (const [why, count] of Object.entries(audit.dropped)) this.set({ why }, count)
    },
  })
}

/** Only where checkpoints are kept elsewhere. */
function showAnchored(registers: Registry[], audit: MetricsOptions['audit']): void {
  if (audit.anchored === undefined) return
  new Gauge({
    name: 'portcullis_audit_checkpoints',
    help: 'Checkpoints of the audit since the start: kept elsewhere, waiting for that, or given up.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(audit.anchored ?? {})) this.set({ state }, count)
    },
  })
}

/** Only where the audit goes somewhere as OCSF. */
function showOcsf(registers: Registry[], audit: MetricsOptions['audit']): void {
  if (audit.ocsfLost === undefined) return
  new Gauge({
    name: 'portcullis_ocsf_lost',
    help: 'Audit events as OCSF that found no room, or could not be written.',
    labelNames: ['to'],
    registers,
    collect() {
      for (const [to, count] of Object.entries(audit.ocsfLost ?? {})) this.set({ to }, count)
    },
  })
}

function showState(registers: Registry[], status: () => PartStatus): void {
  new Gauge({
    name: 'portcullis_state_away',
    help: 'Processes for which the shared state does not answer, or takes no writes.',
    registers,
    collect() {
      this.set(status().ready ? 0 : 1)
    },
  })
}

function showSpans(registers: Registry[], delivery: SpanDelivery): void {
  new Gauge({
    name: 'portcullis_spans_dropped',
    help: 'Spans that were lost: of callers over their share, as all room was taken, or refused by the receiver.',
    labelNames: ['why'],
    registers,
    collect() {
      for (const [why, count] of Object.entries(delivery.dropped)) this.set({ why }, count)
    },
  })
  new Gauge({
    name: 'portcullis_span_receiver_away',
    help: 'Processes whose spans the receiver did not take at the last attempt.',
    registers,
    collect() {
      this.set(delivery.away ? 1 : 0)
    },
  })
}

function createDriftCounter(registers: Registry[]): Metrics['drift'] {
  const drifts = new Counter({
    name: 'portcullis_manifest_drift_total',
    help: 'Tools, prompts, resources and templates that were listed and are not as approved; each change once.',
    labelNames: ['route', 'kind', 'change'],
    registers,
  })
  return (route, kind, change) => drifts.inc({ route, kind, change })
}

/** Error codes of RFC 6749, 6750, 7591, 8628, 8707 and 9449, and words of ours. */
const REASONS: ReadonlySet<string> = new Set([
  ...[
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'invalid_scope',
    'invalid_target',
    'invalid_token',
  ],
  ...['unauthorized_client', 'unsupported_grant_type', 'unsupported_response_type', 'access_denied'],
  ...['invalid_redirect_uri', 'invalid_client_metadata', 'invalid_software_statement', 'invalid_dpop_proof'],
  ...['expired_token', 'login_required', 'consent_required', 'interaction_required', 'session_not_found'],
  ...['authorization_pending', 'slow_down', 'use_dpop_nonce'],
  ...['temporarily_unavailable', 'too_many', 'foreign_form', 'not_found'],
])

function createEventCounter(registers: Registry[]): Metrics['event'] {
  const events = new Counter({
    name: 'portcullis_authorization_events_total',
    help: 'What the authorization server did and refused, by event; reason is empty but for `refused`.',
    labelNames: ['event', 'reason'],
    registers,
  })
  return ({ event, reason = '' }) => {
    const known = reason === '' || REASONS.has(reason) ? reason : 'other'
    events.inc({ event, reason: event === 'refused' ? known : '' })
  }
}

/** Outcomes of rules that the verdict does not show. */
function createRuleCounters(registers: Registry[]): (record: RequestRecord, method: string) => void {
  const observed = new Counter({
    name: 'portcullis_observed_total',
    help: 'Requests that enforcing what is only observed would have refused, by route, JSON-RPC method and reason.',
    labelNames: ['route', 'method', 'reason'],
    registers,
  })
  const faults = new Counter({
    name: 'portcullis_rule_faults_total',
    help: 'Conditions of rules that had no answer: a deny rule then denies, an allow rule does not allow.',
    labelNames: ['route'],
    registers,
  })
  return ({ route, would, faulty }, method) => {
    if (would) observed.inc({ route, method, reason: would.reason })
    if (faulty) faults.inc({ route }, faulty.length)
  }
}
