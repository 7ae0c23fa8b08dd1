// The shape of `telemetry`: where traces go, with the words that OpenTelemetry has for it. Where the file names no endpoint,
// a variable of OpenTelemetry may (resolve-telemetry.ts).
import { z } from 'zod'
import type { OtlpReceiver, TelemetrySettings } from '../core/settings-telemetry.ts'
import { endpointUrl } from './addresses.ts'
import { staticHeader, staticValue } from './headers.ts'
import { text } from './scalars.ts'
import { authorities } from './schema-reach.ts'

/** Where a receiver of OTLP over HTTP listens, unless somebody says otherwise (OTLP 1.x). */
const DEFAULT_ENDPOINT = 'http://localhost:4318'
const MAX_HEADERS = 20

const headers = z
  .record(staticHeader, staticValue)
  .refine((named) => Object.keys(named).length <= MAX_HEADERS, `expected at most ${MAX_HEADERS} headers`)

const RATIO_WORDS = 'expected a number above 0 and at most 1, such as 0.1'
const IDENTITY = ['issuer', 'client', 'pseudonym', 'subject', 'address'] as const

const traces = z.strictObject({
  endpoint: endpointUrl
    .describe('The whole address for traces, instead of `telemetry.endpoint` with `/v1/traces`.')
    .optional(),
  headers: headers.describe('Further headers of these requests alone.').prefault({}),
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

export const telemetry = z
  .strictObject({
    endpoint: endpointUrl
      .describe(
        'The receiver of OTLP over HTTP, without `/v1/traces`. Absent: what `OTEL_EXPORTER_OTLP_ENDPOINT` says, else http://localhost:4318.',
      )
      .optional(),
    headers: headers.describe('Headers of each request to it, such as a key.').prefault({}),
    ca: authorities,
    service_name: text
      .describe(
        '`service.name` of all that is sent. Absent: what `OTEL_SERVICE_NAME` says, else `portcullis`.',
      )
      .optional(),
    traces: traces.describe('Spans of calls. Absent: none are made.').optional(),
  })
  .transform((raw): TelemetrySettings => {
    const receiver = (
      signal: 'traces',
      own: { endpoint?: string | undefined; headers: Headers },
    ): OtlpReceiver => ({
      endpoint: own.endpoint ?? endpointOf(raw.endpoint ?? DEFAULT_ENDPOINT, signal),
      isNamed: (own.endpoint ?? raw.endpoint) !== undefined,
      headers: { ...raw.headers, ...own.headers },
      ca: raw.ca,
    })
    const { sample, identity } = raw.traces ?? { sample: 1, identity: [] }
    return {
      serviceName: raw.service_name,
      ...(raw.traces && { traces: { ...receiver('traces', raw.traces), sample, identity } }),
    }
  })

type Headers = z.output<typeof headers>

/** OTLP 1.x §OTLP/HTTP: the general endpoint with the path of a signal. */
export function endpointOf(general: string, signal: string): string {
  return `${general.replace(/\/$/, '')}/v1/${signal}`
}
