// One request on its way, and what each step adds to what is known of it.
import type { Message } from '../core/call.ts'
import type { Credential } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import type { Circumstances } from '../core/route.ts'
import type { BufferedBody } from '../http/body.ts'
import type { DeniedRequest } from '../http/deny.ts'
import type { Inbound } from '../http/inbound.ts'
import type { CallLimits } from '../limits/check-rates.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Caller } from './caller.ts'
import type { Endpoint } from './route.ts'

/** A request to a route. */
export interface RouteRequest {
  readonly inbound: Inbound
  readonly endpoint: Endpoint
  /** What the audit and the metrics will say of it. */
  readonly record: RequestRecord
}

/** Its caller is known, and has a place among the calls under way. */
export interface AdmittedRequest extends RouteRequest {
  readonly credential: Result<Credential>
  readonly caller: Caller
  readonly limits: CallLimits
  /** Gives the place back. */
  readonly leave: () => void
}

/** Its message was read. */
export interface ReadRequest extends AdmittedRequest {
  readonly message: Message
  /** When the message was read, and where. */
  readonly circumstances: Circumstances
}

/** It may go to the upstream. */
export interface AllowedCall extends ReadRequest {
  /** The upstream's own name of the session, or the endpoint that a 2024-11-05 message goes to. */
  readonly session: string | undefined
  /** Released when it was written. */
  readonly body: BufferedBody | undefined
  /** Whether the direct answer may be a list that has to be filtered. */
  readonly filters: boolean
  /** Whether it has a place among the streams. */
  readonly isStream: boolean
  /** What a refusal says of it, when there is no answer. */
  readonly denied: DeniedRequest
}

/** The circumstances of what comes later on the same request: a stream may be open for hours. */
export function atPresent(circumstances: Circumstances): Circumstances {
  return { ...circumstances, now: Date.now() }
}
