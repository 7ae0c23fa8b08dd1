// The spans of one request that was chosen for it: one for each of its messages, and below the first of them one for each
// step. They are made when the upstream is asked, or at the end where it is not, with the times that were noted before:
// until its message was read nobody knows whose trace it is. And what becomes of the trace of all other requests.
import {
  createTraceState,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Call } from '../../core/call.ts'
import { callerKey } from '../../core/caller.ts'
import { type RemoteSpan, remoteSpanOf, type TraceHeaders } from '../../core/trace-context.ts'
import type { RequestRecord } from '../request-record.ts'
import type { TracedStep } from '../request-trace.ts'
import type { StartedTrace, TracedRequest } from '../tracing.ts'
import {
  CONVENTIONS,
  callAttributes,
  errorType,
  recordAttributes,
  routeWords,
  spanName,
  type TracedCall,
  tracedCall,
} from './attributes.ts'
import type { CallerAttributes } from './caller-attributes.ts'
import type { SpanQueue } from './span-queue.ts'

export interface TraceParts {
  readonly tracer: Tracer
  readonly ids: { generateTraceId(): string; generateSpanId(): string }
  readonly queue: Pick<SpanQueue, 'add'>
  readonly callerAttributes: CallerAttributes
}

/** Milliseconds since 1970. */
interface Lasting {
  readonly from: number
  to: number | undefined
}

export class CallTrace implements StartedTrace {
  readonly #parts: TraceParts
  readonly #request: TracedCall
  /**
   * From `performance.now()` to milliseconds since 1970, once for all spans: the SDK would take another difference for each
   * span, in whole milliseconds, and children would begin before their parent.
   */
  readonly #toEpoch = Date.now() - performance.now()
  /** In the order in which they began. */
  readonly #steps = new Map<TracedStep, Lasting>()
  #server: Span | undefined
  #upstream: Span | undefined
  #errorCode: string | undefined

  constructor(parts: TraceParts, request: TracedRequest) {
    this.#parts = parts
    this.#request = tracedCall(request)
  }

  begin(step: TracedStep): void {
    this.#steps.set(step, { from: this.#now(), to: undefined })
  }

  end(step: TracedStep): void {
    const lasting = this.#steps.get(step)
    if (lasting !== undefined) lasting.to = this.#now()
  }

  outgoing(call: Call | undefined): TraceHeaders {
    this.begin('upstream')
    const words = this.#wordsOf(call)
    this.#server = this.#startServer(call, words)
    const attributes = { ...words.attributes, ...routeWords(this.#request.route).upstream }
    const options = { kind: SpanKind.CLIENT, attributes }
    this.#upstream = this.#startStep(this.#server, 'upstream', words.name, options)
    const { traceId, spanId, traceState } = this.#upstream.spanContext()
    return { traceparent: `00-${traceId}-${spanId}-01`, tracestate: traceState?.serialize() }
  }

  failed(read: () => string | undefined): void {
    this.#errorCode = read()
  }

  finish(record: RequestRecord): void {
    const { principal, address, calls } = record
    const count = Math.max(1, calls.length) + this.#steps.size
    this.#parts.queue.add(callerKey(principal, address), count, () => this.#endAll(record))
  }

  #now(): number {
    return performance.now() + this.#toEpoch
  }

  #endAll(record: RequestRecord): void {
    const now = this.#now()
    const error = errorType(record, this.#errorCode)
    const [first, ...others] = record.calls
    const server = this.#server ?? this.#startServer(first)
    const failedIn = [...this.#steps.keys()].at(-1)
    for (const [step, { to = now }] of this.#steps) {
      const span = this.#spanOf(step, server, record)
      if (step === failedIn) markFailed(span, error)
      span.end(to)
    }
    const attributes = {
      ...recordAttributes(record, this.#request),
      ...this.#parts.callerAttributes(record),
      ...(this.#errorCode !== undefined && { [CONVENTIONS.rpcStatus]: this.#errorCode }),
    }
    for (const span of [server, ...others.map((call) => this.#startServer(call))]) {
      span.setAttributes(attributes)
      markFailed(span, error)
      span.end(now)
    }
  }

  #spanOf(step: TracedStep, server: Span, { rule, refusal }: RequestRecord): Span {
    if (step === 'upstream' && this.#upstream !== undefined) return this.#upstream
    if (step === 'verification') return this.#startStep(server, step, 'verify token', {})
    const decision = refusal === undefined ? 'allowed' : 'refused'
    const attributes = { 'portcullis.decision': decision, ...(rule !== '' && { 'portcullis.rule': rule }) }
    return this.#startStep(server, step, 'decide', { attributes })
  }

  #wordsOf(call: Call | undefined) {
    return { name: spanName(call, this.#request), attributes: callAttributes(call) }
  }

  /** XTR-01: `_meta` names the parent; another one of the headers is linked to. */
  #startServer(call: Call | undefined, { name, attributes } = this.#wordsOf(call)): Span {
    const { inHeaders, startedMs } = this.#request
    const parent = call?.belongsTo ?? inHeaders
    const links = inHeaders === undefined || parent === inHeaders ? [] : [linkTo(inHeaders)]
    return this.#parts.tracer.startSpan(
      name,
      {
        kind: SpanKind.SERVER,
        startTime: startedMs + this.#toEpoch,
        attributes,
        links,
      },
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)),
    )
  }

  #startStep(server: Span, step: TracedStep, name: string, options: SpanOptions): Span {
    const startTime = this.#steps.get(step)?.from ?? this.#now()
    return this.#parts.tracer.startSpan(name, { ...options, startTime }, trace.setSpan(ROOT_CONTEXT, server))
  }
}

function markFailed(span: Span, error: string | undefined): void {
  if (error === undefined) return
  span.setAttribute(CONVENTIONS.error, error)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function contextOf({ traceId, spanId, state }: RemoteSpan): SpanContext {
  const traceState = state === undefined ? {} : { traceState: createTraceState(state) }
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true, ...traceState }
}

function linkTo(span: RemoteSpan): Link {
  return { context: contextOf(span) }
}

/** A request that gets no spans. Its server is told so, in the trace of the client. */
export class UntracedCall implements StartedTrace {
  readonly #ids: TraceParts['ids']
  readonly #inHeaders: RemoteSpan | undefined

  constructor(ids: TraceParts['ids'], { fields }: TracedRequest) {
    this.#ids = ids
    this.#inHeaders = remoteSpanOf(fields)
  }

  begin(): void {}
  end(): void {}
  failed(): void {}
  finish(): void {}

  outgoing(call: Call | undefined): TraceHeaders {
    const parent = call?.belongsTo ?? this.#inHeaders
    const traceId = parent?.traceId ?? this.#ids.generateTraceId()
    return { traceparent: `00-${traceId}-${this.#ids.generateSpanId()}-00`, tracestate: parent?.state }
  }
}
