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
  /** Nothing more may come on the connection. */
  readonly retire: () => void
}

/** One that is not whole when it begins to go on. */
export interface StreamedAnswer extends AwaitedAnswer {
  /** Undefined where ids of events stay as they are. */
  readonly sealId: SealEventId | undefined
  /** Told why it cannot go on. */
  readonly onFault: (detail: string) => void
}

/** How long a client may keep an answer to this, in milliseconds; undefined where it keeps none (L80). */
export function maxTtlMs({ message, caller }: AllowedCall): number | undefined {
  // On a stream without a message there may be answers to what was asked elsewhere.
  const isKept = message.calls.length === 0 || message.calls.some(({ method }) => isCacheable(method))
  return isKept ? tokenLifeMs(caller) : undefined
}

/** What is left of the life of the caller's token. */
export function tokenLifeMs({ principal }: AllowedCall['caller']): number {
  return principal === undefined ? Number.POSITIVE_INFINITY : principal.expiresAt * 1_000 - Date.now()
}

/** One call counts once, however often its client is asked for input. */
export function returnCalls({ limits, caller, message }: AllowedCall): void {
  returnToolCalls(limits, caller.key, message.calls)
}
