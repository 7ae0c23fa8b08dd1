// W3C Trace Context as a stranger sends it: which span a request belongs to, and what vendors noted of the trace. Pure. It
// says nothing about sampling: the flags of a stranger decide nothing here.
import { type Fields, onlyValue, valuesOf } from './fields.ts'

/** W3C Trace Context §3.2: version, trace id, parent id and flags, of which no id is all zeros. */
export const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
/** §3.2.2.1: the version that no traceparent may have. */
const NO_VERSION = 'ff'
/** §3.3.1.5: as much as everybody should pass on, in characters. A longer one is left out whole. */
const MAX_TRACESTATE = 512
/** §3.3.1.1 */
const MAX_TRACESTATE_MEMBERS = 32
const TRACESTATE = /^[\t\x20-\x7e]+$/

/** The span of somebody else that a request belongs to. */
export interface RemoteSpan {
  /** 32 digits, hexadecimal. */
  readonly traceId: string
  /** 16 digits, hexadecimal. */
  readonly spanId: string
  /** The tracestate: what vendors noted of the trace. */
  readonly state: string | undefined
}

/** The span of a request, as the headers that tell it. */
export interface TraceHeaders {
  readonly traceparent: string
  readonly tracestate: string | undefined
}

/** Undefined where the traceparent is not a proper one; the tracestate is then of no use either (§3.3). */
export function readRemoteSpan(
  traceparent: string | undefined,
  tracestate: string | undefined,
): RemoteSpan | undefined {
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) return undefined
  if (traceparent.startsWith(NO_VERSION)) return undefined
  const isFit = tracestate !== undefined && isFitState(tracestate)
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    state: isFit ? tracestate : undefined,
  }
}

function isFitState(tracestate: string): boolean {
  return (
    tracestate.length <= MAX_TRACESTATE &&
    TRACESTATE.test(tracestate) &&
    tracestate.split(',').length <= MAX_TRACESTATE_MEMBERS
  )
}

/** What the headers say. Several traceparents say nothing; several tracestates are one (§3.3.1). */
export function remoteSpanOf(fields: Fields): RemoteSpan | undefined {
  const traceparent = onlyValue(fields, 'traceparent')
  if (traceparent === undefined) return undefined
  const states = valuesOf(fields, 'tracestate')
  return readRemoteSpan(traceparent, states.length === 0 ? undefined : states.join(','))
}
