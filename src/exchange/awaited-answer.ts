// An answer that is read while it goes to its client, and what follows for the call that it answers.
import { isCacheable } from '../core/methods.ts'
import { returnToolCalls } from '../limits/check-rates.ts'
import type { OpenRequests } from '../mcp/open-requests.ts'
import type { AllowedCall } from './request-state.ts'
import type { SealEventId } from './resumption.ts'

export interface AwaitedAnswer {
  readonly call: AllowedCall
  /** Whether a list may be in it: it was asked for, or the stream may carry the answers of other requests. */
  readonly filters: boolean
  /** The requests that wait. Undefined for a stream that may answer other requests than its own (GET, HTTP+SSE). */
  readonly open: OpenRequests | undefined
  /** Says that the connection may carry nothing more. */
  readonly retire: () => void
}

/** An answer that goes on before all of it has come. */
export interface StreamedAnswer extends AwaitedAnswer {
  /** Seals the ids of events; undefined where they stay as they are. */
  readonly sealId: SealEventId | undefined
  /** Called with the reason when the answer cannot go on. */
  readonly onFault: (detail: string) => void
}

/** How long a client may keep an answer to this call, in milliseconds; undefined where it keeps none (L80). */
export function maxTtlMs({ message, caller }: AllowedCall): number | undefined {
  // A stream without a message may carry answers to requests that were sent elsewhere.
  const isKept = message.calls.length === 0 || message.calls.some(({ method }) => isCacheable(method))
  return isKept ? tokenLifeMs(caller) : undefined
}

/** The time until the caller's token expires, in milliseconds. */
export function tokenLifeMs({ principal }: AllowedCall['caller']): number {
  return principal === undefined ? Number.POSITIVE_INFINITY : principal.expiresAt * 1_000 - Date.now()
}

/**
 * Gives back the count of a call whose answer only asks for input, so that it counts once however often its client is
 * asked.
 */
export function returnCalls({ limits, caller, message }: AllowedCall): void {
  returnToolCalls(limits, caller.key, message.calls)
}
