// The shape of `telemetry`: where traces and metrics go, with the words that OpenTelemetry has for it. Where the file names no endpoint,
// a variable of OpenTelemetry may (resolve-telemetry.ts).
import { z } from 'zod'
import type { OtlpReceiver, TelemetrySettings } from '../core/settings-telemetry.ts'
import { endpointUrl } from './addresses.ts'
import { staticHeader, staticValue } from './headers.ts'
import { milliseconds, text } from './scalars.ts'
import { authorities } from './schema-reach.ts'

/** Where a receiver of OTLP over HTTP listens, unless somebody says otherwise (OTLP 1.x). */
const DEFAULT_ENDPOINT = 'http://localhost:4318'
const MAX_HEADERS = 20

/** Of requests to a receiver of OTLP. */
export const otlpHeaders = z
  .record(staticHeader, staticValue)
  .refine((named) => Object.keys(named).length <= MAX_HEADERS, `expected at most ${MAX_HEADERS} headers`)

const RATIO_WORDS = 'expected a number above 0 and at most 1, such as 0.1'
const IDENTITY = ['issuer', 'client', 'pseudonym', 'subject', 'address'] as const

const traces = z.strictObject({
  endpoint: endpointUrl
    .describe('The whole address for traces, instead of `telemetry.endpoint` with `/v1/traces`.')
    .optional(),
  headers: otlpHeaders.describe('Further headers of these requests alone.').prefault({}),
  sample: z
    .number(RATIO_WORDS)
    .refine((part) => part > 0 && part <= 1, RATIO_WORDS)
    .meta({ exclusiveMinimum: 0, maximum: 1 })
    .describe('The part of the calls that get spans, chosen by chance. A client has no say in it.')
    .prefault(1),
  identity: z
    .array(z.enum(IDENTITY))
    .describe(
      'What spans say of the caller: `issuer`, `client`, `pseudonym` (a keyed digest of issuer and subject), `subject` as the token has it, `address`.',
    )
    .prefault([]),
})

const metrics = z.strictObject({
  endpoint: endpointUrl
    .describe('The whole address for metrics, instead of `telemetry.endpoint` with `/v1/metrics`.')
    .optional(),
  headers: otlpHeaders.describe('Further headers of these requests alone.').prefault({}),
  interval: milliseconds('1s', '1h').describe('Between two exports.').prefault('60s'),
})

export type Signal = 'traces' | 'metrics'

export const telemetry = z
  .strictObject({
    endpoint: endpointUrl
      .describe(
        'The receiver of OTLP over HTTP, without `/v1/traces` and `/v1/metrics`. Absent: what `OTEL_EXPORTER_OTLP_ENDPOINT` says, else http://localhost:4318.',
      )
      .optional(),
    headers: otlpHeaders.describe('Headers of each request to it, such as a key.').prefault({}),
    ca: authorities,
    service_name: text
      .describe(
        '`service.name` of all that is sent. Absent: what `OTEL_SERVICE_NAME` says, else `portcullis`.',
      )
      .optional(),
    traces: traces.describe('Spans of calls. Absent: none are made.').optional(),
    metrics: metrics
      .describe('The metrics of the admin port, sent too. Absent: they are only scraped.')
      .optional(),
  })
  .transform((raw): TelemetrySettings => {
    const receiver = (signal: Signal, own: Own): OtlpReceiver => ({
      endpoint: own.endpoint ?? endpointOf(raw.endpoint ?? DEFAULT_ENDPOINT, signal),
      isNamed: (own.endpoint ?? raw.endpoint) !== undefined,
      headers: { ...raw.headers, ...own.headers },
      ca: raw.ca,
    })
    const { traces: spans, metrics: sums } = raw
    return {
      serviceName: raw.service_name,
      ...(spans && {
        traces: { ...receiver('traces', spans), sample: spans.sample, identity: spans.identity },
      }),
      ...(sums && { metrics: { ...receiver('metrics', sums), intervalMs: sums.interval } }),
    }
  })

interface Own {
  readonly endpoint?: string | undefined
  readonly headers: z.output<typeof otlpHeaders>
}

/** OTLP 1.x §OTLP/HTTP: the general endpoint with the path of a signal. */
export function endpointOf(general: string, signal: Signal): string {
  return `${general.replace(/\/$/, '')}/v1/${signal}`
}
