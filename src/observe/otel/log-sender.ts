// Sends audit events as logs of OTLP. What is not acknowledged is sent again, so an event may come twice. While the receiver
// is away they wait, up to a bound and a share for each caller; then they are dropped and counted. Loaded where the file asks
// for it.
import { randomUUID } from 'node:crypto'
import { SeverityNumber } from '@opentelemetry/api'
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { LogsExporterMetricsHelper, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer'
import type { OtlpLogSettings } from '../../core/settings-audit.ts'
import { inTime } from '../../lib/in-time.ts'
import type { EventSender } from '../event-sender.ts'
import type { Logger } from '../log.ts'
import { OCSF_SEVERITY, type OcsfEvent } from '../ocsf/base.ts'
import { createReceiverLines } from '../receiver-lines.ts'
import { createWaitingLines } from '../waiting-lines.ts'
import { isRefusal, wordOf } from './delivery-lines.ts'
import { exporterOptions } from './exporter-options.ts'
import { hrTimeOf } from './hr-time.ts'
import { serviceResource } from './service-resource.ts'

export interface OtlpLogOptions {
  readonly receiver: OtlpLogSettings
  readonly serviceName: string | undefined
  readonly sharePerCaller: number
  readonly log: Logger
}

const FLUSH_MS = 1_000
/** So many do not wait for that. */
const SENT_AT_ONCE_BYTES = 512 * 1024
/** How long the end of the process waits for the receiver. */
const OTLP_CLOSE_MS = 3_000

/** Takes OCSF events as JSON. */
export function createLogSender({ receiver, serviceName, sharePerCaller, log }: OtlpLogOptions): EventSender {
  const lines = createReceiverLines({ log, receiver: 'otlp', place: new URL(receiver.endpoint).origin })
  const waiting = createWaitingLines(sharePerCaller, receiver.spoolBytes)
  const exportLogs = createExporter(receiver, serviceName)
  /** Taken from those that wait, and not acknowledged. */
  let held: readonly string[] = []
  let lost = 0
  let sending: Promise<void> | undefined
  const lose = (count: number, why: string) => {
    if (count > 0) lines.lost(why)
    lost += count
  }
  const sendHeld = async () => {
    const { error, rejected } = await exportLogs(held)
    if (error !== undefined && !isRefusal(error)) return lines.down(wordOf(error))
    const count = error === undefined ? Math.min(rejected, held.length) : held.length
    if (count === 0) lines.up()
    else lose(count, error === undefined ? 'some were rejected' : wordOf(error))
    held = []
  }
  /** Until nothing waits, or the receiver takes nothing. */
  const sendAll = async () => {
    while (held.length === 0 && waiting.count > 0) {
      held = waiting.take()
      await sendHeld()
    }
  }
  const flush = () => {
    sending ??= (held.length === 0 ? sendAll() : sendHeld().then(sendAll)).finally(() => {
      sending = undefined
    })
    return sending
  }
  const timer = setInterval(() => void flush(), FLUSH_MS).unref()
  return {
    send(line, owner) {
      if (waiting.add(line, owner) !== undefined) lose(1, 'no room')
      else if (waiting.bytes >= SENT_AT_ONCE_BYTES && !lines.isAway) void flush()
    },
    get lost() {
      return lost
    },
    async close() {
      clearInterval(timer)
      await inTime(OTLP_CLOSE_MS, Promise.resolve(sending).then(flush))
      lose(held.length + waiting.count, 'the end')
    },
  }
}

interface Exported {
  /** Undefined where the receiver took them, or some of them. */
  readonly error: Error | undefined
  readonly rejected: number
}

function createExporter(receiver: OtlpLogSettings, serviceName: string | undefined) {
  let rejected = 0
  const serializer: typeof ProtobufLogsSerializer = {
    ...ProtobufLogsSerializer,
    deserializeResponse(bytes) {
      const response = ProtobufLogsSerializer.deserializeResponse(bytes)
      rejected = response.partialSuccess?.rejectedLogRecords ?? 0
      return response
    },
  }
  const options = convertLegacyHttpOptions(exporterOptions(receiver), 'LOGS', 'v1/logs', PROTOBUF)
  const parts = [options, serializer, 'otlp_http_log_exporter', LogsExporterMetricsHelper] as const
  const exporter = createOtlpHttpExportDelegate(...parts, undefined)
  const source = {
    resource: serviceResource({ serviceName }, randomUUID()),
    instrumentationScope: { name: 'portcullis' },
  }
  return async (lines: readonly string[]): Promise<Exported> => {
    rejected = 0
    const sent = Promise.withResolvers<Parameters<Parameters<typeof exporter.export>[1]>[0]>()
    exporter.export(
      lines.map((line) => ({ ...source, ...recordOf(line) })),
      sent.resolve,
    )
    const { code, error } = await sent.promise
    return { error: code === SUCCESS ? undefined : (error ?? new Error('not sent')), rejected }
  }
}

const SUCCESS = 0
const PROTOBUF = { 'Content-Type': 'application/x-protobuf' }

/** The body is the JSON that a file or syslog would get. */
function recordOf(line: string) {
  const {
    time,
    severity_id: severity,
    metadata,
  } = JSON.parse(line) as OcsfEvent & {
    readonly metadata: { readonly uid: string }
  }
  const isPlain = severity === OCSF_SEVERITY.informational
  return {
    ...{ hrTime: hrTimeOf(time), hrTimeObserved: hrTimeOf(time) },
    severityNumber: isPlain ? SeverityNumber.INFO : SeverityNumber.WARN,
    severityText: isPlain ? 'INFO' : 'WARN',
    body: line,
    attributes: { 'log.record.uid': metadata.uid },
    droppedAttributesCount: 0,
  }
}
