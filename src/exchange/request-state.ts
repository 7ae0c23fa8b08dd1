// The state of one request on its way, and what each step adds to it.
import type { Message } from '../core/call.ts'
import type { Credential } from '../core/principal.ts'
import type { Refusal, Result } from '../core/refusal.ts'
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
  /** What the audit and the metrics will say about the request. */
  readonly record: RequestRecord
  /** What a person who opened the address in a browser is shown with the 401; undefined for everybody else. */
  readonly page?: PersonPage | undefined
}

/** The headers belong to the body. */
export interface PersonPage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request whose caller is known and has a place among the calls under way. */
export interface AdmittedRequest extends RouteRequest {
  readonly credential: Result<Credential>
  readonly caller: Caller
  readonly limits: CallLimits
  /** Gives that place back. */
  readonly leave: () => void
}

/** A request whose message was read. */
export interface ReadRequest extends AdmittedRequest {
  readonly message: Message
  /** The time at which the message was read, the caller's address and the route, for conditions. */
  readonly circumstances: Circumstances
}

/** An approval that this call may use. */
export interface GivenApproval {
  /** Uses it up; a refusal where another call was faster. */
  use(): Promise<Refusal | undefined>
}

/** A call that may go to the upstream. */
export interface AllowedCall extends ReadRequest {
  /** The upstream's own session id, or the endpoint that a 2024-11-05 message goes to. */
  readonly session: string | undefined
  /** The body, which is released when it was written. */
  readonly body: BufferedBody | undefined
  /** The approval that the call uses up as it is made; undefined where it needs none. */
  readonly approval: GivenApproval | undefined
  /** Whether the direct answer may be a list that has to be filtered. */
  readonly filters: boolean
  /** Whether the call has a place among the streams. */
  readonly isStream: boolean
  /** What a refusal of the call must say of the request, such as its id. */
  readonly denied: DeniedRequest
}

/**
 * The circumstances with the present time, for what comes later on the same request: a stream may be open for hours.
 */
export function atPresent(circumstances: Circumstances): Circumstances {
  return { ...circumstances, now: Date.now() }
}
