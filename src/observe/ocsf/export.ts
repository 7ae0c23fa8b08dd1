// The audit as OCSF for other programs: each request and event to a file, to receivers of syslog and OTLP. The audit itself
// stays as it is; what is lost on this way is counted apart, and no call waits for it.
import { openSync } from 'node:fs'
import { hostname } from 'node:os'
import { pid } from 'node:process'
import type { AuditEvent } from '../../core/audit-event.ts'
import { callerKey } from '../../core/caller.ts'
import type { OcsfSettings } from '../../core/settings-audit.ts'
import { visibleJson } from '../../core/visible.ts'
import { writing } from '../../lib/unwritable-path.ts'
import type { EventSender } from '../event-sender.ts'
import type { Logger } from '../log.ts'
import type { RequestRecord } from '../request-record.ts'
import { bufferedSink } from '../sinks.ts'
import { SYSLOG_SEVERITY, syslogFrame, syslogHostname } from '../syslog/frame.ts'
import { createSyslogSender } from '../syslog/sender.ts'
import { ocsfOfAuditEvent } from './audit-event.ts'
import { OCSF_SEVERITY, type OcsfEvent } from './base.ts'
import { requestEvent } from './request-event.ts'

export interface OcsfExport {
  record(record: RequestRecord): void
  event(event: AuditEvent): void
  /** Opens the file again by its name. */
  reopen(): void
  close(): Promise<void>
  /** Events that found no room, or could not be written, by where they were to go. */
  readonly lost: Readonly<Partial<Record<Output['to'], number>>>
}

export interface OcsfExportOptions {
  readonly settings: OcsfSettings
  /** Sends them by OTLP (otel/log-sender.ts); undefined where the file does not ask for it. */
  readonly otlp: EventSender | undefined
  readonly sharePerCaller: number
  readonly log: Logger
}

interface Output {
  readonly to: 'file' | 'syslog' | 'otlp'
  write(event: OcsfEvent, json: string, owner: () => string): void
  reopen(): void
  close(): Promise<void>
  lost(): number
}

/** Throws where the file cannot be written. */
export function createOcsfExport(options: OcsfExportOptions): OcsfExport {
  const { file, syslog } = options.settings
  const outputs: readonly Output[] = [
    ...(file === undefined ? [] : [toFile(file, options)]),
    ...(syslog === undefined ? [] : [toSyslog(syslog, options)]),
    ...(options.otlp === undefined ? [] : [toOtlp(options.otlp)]),
  ]
  const write = (event: OcsfEvent, owner: () => string) => {
    const json = visibleJson(JSON.stringify(event))
    for (const output of outputs) output.write(event, json, owner)
  }
  return {
    record: (record) =>
      write(requestEvent(record, Date.now()), () => callerKey(record.principal, record.address)),
    event: (event) =>
      write(ocsfOfAuditEvent(event, Date.now()), () => callerKey(undefined, event.address ?? '')),
    reopen() {
      for (const output of outputs) output.reopen()
    },
    async close() {
      await Promise.all(outputs.map((output) => output.close()))
    },
    get lost() {
      return Object.fromEntries(outputs.map((output) => [output.to, output.lost()]))
    },
  }
}

function toFile(file: string, { sharePerCaller }: OcsfExportOptions): Output {
  const open = () => writing('audit.ocsf.file', file, () => openSync(file, 'a', 0o600))
  const sink = bufferedSink(open, sharePerCaller)
  return {
    to: 'file',
    write: (_event, json, owner) => sink.write(`${json}\n`, owner),
    reopen: () => sink.reopen(),
    close: () => sink.close(),
    lost: () => sink.failures,
  }
}

const KINDS = { 3002: 'authentication', 6003: 'api_activity' } as const

function toSyslog(
  { spoolBytes, ...target }: NonNullable<OcsfSettings['syslog']>,
  { sharePerCaller, log }: OcsfExportOptions,
): Output {
  const sender = createSyslogSender({ target, spoolBytes, sharePerCaller, log })
  const host = syslogHostname(hostname())
  return {
    to: 'syslog',
    write(event, json, owner) {
      const { time, severity_id: severityId, class_uid: classUid } = event
      const isPlain = severityId === OCSF_SEVERITY.informational
      const severity = isPlain ? SYSLOG_SEVERITY.informational : SYSLOG_SEVERITY.warning
      sender.send(syslogFrame({ severity, time, kind: KINDS[classUid], json }, host, pid), owner)
    },
    reopen() {},
    close: () => sender.close(),
    lost: () => sender.lost,
  }
}

function toOtlp(sender: EventSender): Output {
  return {
    to: 'otlp',
    write: (_event, json, owner) => sender.send(json, owner),
    reopen() {},
    close: () => sender.close(),
    lost: () => sender.lost,
  }
}
