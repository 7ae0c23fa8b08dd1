// What the steps of a request note for its spans. Words only: what makes spans of it is loaded where the file asks for
// traces (tracing.ts).
import type { Call } from '../core/call.ts'
import type { TraceHeaders } from '../core/trace-context.ts'

/** A part of the way that has a span of its own. */
export type TracedStep = 'verification' | 'decision' | 'upstream'

export interface RequestTrace {
  begin(step: TracedStep): void
  /** A step that never ends lasts as long as the request. */
  end(step: TracedStep): void
  /**
   * The upstream is asked now. Returns the span of that, for its headers. `call`: the first message of the request;
   * undefined where it has none.
   */
  outgoing(call: Call | undefined): TraceHeaders
  /** The server answered with a JSON-RPC error. `read` gives its code; it is called only where somebody wants to know. */
  failed(read: () => string | undefined): void
}
