// Where traces and metrics go by OTLP (`telemetry`), as the program sees it.
import type { Secret } from './secret.ts'

export interface TelemetrySettings {
  /** `service.name` of all that is sent; undefined where the file does not say it. */
  readonly serviceName: string | undefined
  /** Absent: no spans are made. */
  readonly traces?: TraceSettings
  /** Absent: metrics are only there to be scraped. */
  readonly metrics?: MetricExportSettings
}

/** A receiver of OTLP over HTTP, in protobuf. */
export interface OtlpReceiver {
  /** The whole address: `http://localhost:4318/v1/traces`. */
  readonly endpoint: string
  /** Whether the file says where it is. */
  readonly isNamed: boolean
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, Secret>>
  /** PEM text of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
}

export interface TraceSettings extends OtlpReceiver {
  /** The part of the calls that get spans: above 0, at most 1. */
  readonly sample: number
  /** What spans say of the caller. */
  readonly identity: readonly IdentityPart[]
}

export interface MetricExportSettings extends OtlpReceiver {
  /** Between two exports. */
  readonly intervalMs: number
}

/** `pseudonym`: a keyed digest of issuer and subject. */
export type IdentityPart = 'issuer' | 'client' | 'pseudonym' | 'subject' | 'address'
