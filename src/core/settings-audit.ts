// Where audit records go, as the file says it.
import type { Secret } from './secret.ts'
import type { OtlpReceiver } from './settings-telemetry.ts'

export interface AuditSettings {
  readonly file: string
  readonly required: boolean
  /** The directory that keeps each loaded policy; absent: none is kept. */
  readonly policies?: string
  /** Whether the file says where records go. */
  readonly isNamed: boolean
  /** Absent: lines carry no digests. */
  readonly chain?: ChainSettings
  /** Absent: nowhere as OCSF. */
  readonly ocsf?: OcsfSettings
}

/** Where the audit goes as OCSF too: to one place or several. */
export interface OcsfSettings {
  /** Path of a file that is appended to. */
  readonly file: string | undefined
  readonly syslog: SyslogSettings | undefined
  readonly otlp: OtlpLogSettings | undefined
}

export interface OtlpLogSettings extends Omit<OtlpReceiver, 'isNamed'> {
  /** How many bytes may wait while the receiver is away. */
  readonly spoolBytes: number
}

export interface SyslogSettings {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
  /** How many bytes may wait while the receiver is away. */
  readonly spoolBytes: number
}

export interface ChainSettings {
  /** Path of the private key; made there on first use. */
  readonly key: string
  /** Where checkpoints are kept beside the audit. */
  readonly anchor?: AnchorSettings
}

export type AnchorSettings =
  | { readonly file: string }
  | {
      readonly url: string
      readonly token: Secret | undefined
      /** PEM of the certificate authorities to trust instead of the usual ones. */
      readonly ca: string | undefined
    }

/** One of several processes writes a file of its own: `audit.jsonl` becomes `audit-2.jsonl`. */
export function fileOfWorker(file: string, worker: number): string {
  const name = file.lastIndexOf('/') + 1
  const dot = file.lastIndexOf('.')
  const end = dot > name ? dot : file.length
  return `${file.slice(0, end)}-${worker}${file.slice(end)}`
}

/** The settings of one of several processes, where lines are a chain: no file has two writers. */
export function auditOfWorker(audit: AuditSettings, worker: number): AuditSettings {
  const { file, chain } = audit
  if (chain === undefined) return audit
  const { anchor } = chain
  const own = anchor !== undefined && 'file' in anchor ? { file: fileOfWorker(anchor.file, worker) } : anchor
  return {
    ...audit,
    file: file === 'stdout' ? file : fileOfWorker(file, worker),
    chain: own === undefined ? chain : { ...chain, anchor: own },
  }
}
