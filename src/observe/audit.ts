// One line for every decision, allowed and refused. Identity is issuer, subject and client; never a token, a
// claim value or an argument. Lines are whole JSON objects, so nothing a client sends can start a new one (K05).
import { openSync } from 'node:fs'
import type { AuditEvent } from '../core/audit-event.ts'
import { callerKey } from '../core/caller.ts'
import { visibleJson } from '../core/visible.ts'
import { writing } from '../lib/unwritable-path.ts'
import type { AccessLog } from './access-log.ts'
import { type AuditOutcome, createAuditLine, MAX_NAME_CHARACTERS } from './audit-line.ts'
import { type AuditSink, createProgramSink } from './audit-sink.ts'
import type { AnchorCounts } from './chain/anchor.ts'
import type { AuditChain } from './chain/audit-chain.ts'
import type { OcsfExport } from './ocsf/export.ts'
import type { RequestRecord } from './request-record.ts'
import { bufferedSink, type Sink, STDOUT_FD, synchronousSink } from './sinks.ts'
import { createTimestamps } from './timestamps.ts'

export interface Audit {
  /** False when the record could not be written and must be (`audit.required`). Called before a call goes on. */
  recordBeforeCall(record: RequestRecord): boolean
  /** Called when the exchange has ended. */
  record(record: RequestRecord): void
  /** Something that happened outside any call: a sign-in, a consent, a revocation. */
  event(event: AuditEvent): void
  /** Opens the file again by its name. Throws, and goes on in the old one, where it cannot be opened. */
  reopen(): void
  /** Resolves when all lines are written, or cannot be. Nothing is recorded after it. */
  close(): Promise<void>
  readonly failures: number
  readonly dropped: Sink['dropped']
  /** What was lost on its way as OCSF, by where it was to go; undefined where it goes nowhere. */
  readonly ocsfLost: OcsfExport['lost'] | undefined
  /** What became of checkpoints; undefined where none are kept elsewhere. */
  readonly anchored: Readonly<AnchorCounts> | undefined
}

/** A checkpoint vouches for the lines of this long, in milliseconds. */
const CHECKPOINT_MS = 60_000

/** The calls that are on record as admitted and have not ended, by the ids of their requests. */
export interface OpenCalls {
  /** False when it cannot be kept. */
  enter(requestId: string): boolean
  leave(requestId: string): void
}

export interface AuditOptions {
  /** `stdout`, or the path of a file that is appended to. */
  readonly file: string
  readonly required: boolean
  /** The part of the lines that wait for a slow disk which may be one caller's. */
  readonly sharePerCaller: number
  /** Absent: lines carry no digests. The audit closes it. */
  readonly chain?: AuditChain | undefined
  /** Counts reloads; for events that are not of a call, which carries its own. */
  readonly generation: () => number
  /** Where lines go instead of `file`. */
  readonly sink?: AuditSink | undefined
  /** Told of everything that is recorded, but of no admission. */
  readonly accessLog?: Pick<AccessLog, 'record' | 'event'> | undefined
  /** Where everything that is recorded goes as OCSF too, but no admission. The audit closes it. */
  readonly ocsf?: OcsfExport | undefined
  /** Told of each call before it is on record, and after its end is. */
  readonly openCalls?: OpenCalls | undefined
}

export function createAudit(options: AuditOptions): Audit {
  const { chain } = options
  const sink = options.sink ? createProgramSink(options.sink, chain) : openSink(options, chain)
  const schedule = chain && setInterval(() => sink.checkpoint('interval'), CHECKPOINT_MS).unref()
  sink.checkpoint('start')
  const { accessLog, ocsf } = options
  const openCalls = options.required ? options.openCalls : undefined
  const timestamp = createTimestamps()
  const lineOf = createAuditLine()
  const write = (event: string, record: RequestRecord, outcome: AuditOutcome | undefined) =>
    sink.write(`${lineOf(event, timestamp(), record, outcome)}\n`, () =>
      callerKey(record.principal, record.address),
    )
  return {
    recordBeforeCall(record) {
      if (!options.required) return true
      if (openCalls?.enter(record.id) === false) return false
      const before = sink.failures
      write('admitted', record, undefined)
      return sink.failures === before
    },
    record(record) {
      const { status, rpc, ending, startedMs } = record
      const duration = Math.round((performance.now() - startedMs) * 10) / 10
      write('decision', record, { status, rpc: rpc === 'none' ? undefined : rpc, ending, duration })
      openCalls?.leave(record.id)
      accessLog?.record(record)
      ocsf?.record(record)
    },
    event(event) {
      const line = `${visibleJson(JSON.stringify(eventLine(event, options.generation())))}\n`
      sink.write(line, () => callerKey(undefined, event.address ?? ''))
      accessLog?.event(event)
      ocsf?.event(event)
    },
    reopen() {
      sink.reopen()
      ocsf?.reopen()
    },
    async close() {
      clearInterval(schedule)
      await Promise.all([sink.close(), ocsf?.close()])
    },
    get failures() {
      return sink.failures
    },
    dropped: sink.dropped,
    get ocsfLost() {
      return ocsf?.lost
    },
    get anchored() {
      return chain?.anchored
    },
  }
}

function openSink({ file, required, sharePerCaller }: AuditOptions, chain: AuditChain | undefined): Sink {
  const open = () =>
    file === 'stdout' ? STDOUT_FD : writing('audit.file', file, () => openSync(file, 'a', 0o600))
  return required ? synchronousSink(open, chain) : bufferedSink(open, sharePerCaller, chain)
}

function eventLine(auditEvent: AuditEvent, generation: number): object {
  const { event, actor, issuer, subject, client, grant, address, endpoint, reason, detail, requestId, at } =
    auditEvent
  const { cause, before, after } = auditEvent
  const named = { actor, issuer, subject, client, endpoint, reason, detail }
  const short = Object.entries(named).map(([name, value]) => [name, value?.slice(0, MAX_NAME_CHARACTERS)])
  const time = (at === undefined ? new Date() : new Date(at)).toISOString()
  const request = { request_id: requestId, generation }
  return {
    time,
    stream: 'audit',
    event,
    ...request,
    ...Object.fromEntries(short),
    cause,
    before,
    after,
    grant,
    address,
  }
}
