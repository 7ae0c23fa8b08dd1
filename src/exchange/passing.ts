// A body on its way: which of its bytes may go on. Of an event stream that is one judged event after another, of a large
// JSON answer everything as long as it can be the answer to what was asked. Moves no bytes itself (relay.ts).
import { createEnvelopeReader } from '../mcp/envelope-reader.ts'
import { createEventSplitter, type StreamEvent } from '../mcp/events.ts'
import type { OpenRequests } from '../mcp/open-requests.ts'
import type { Facts } from '../observe/facts.ts'

const MAX_EVENT_BYTES = 16 * 1024 * 1024

export interface Passing {
  /** What of a piece may go on; undefined when it must not, and nothing after it. */
  push(chunk: Buffer): Buffer | undefined
  /** The upstream has said all; whether that was an answer. */
  end(): boolean
  /** What is said instead of the rest; undefined when that cannot be put into words. */
  lastWords(cause: Cause): Buffer | undefined
}

/** Why no more goes on: the upstream said what must not, or it fell silent or broke off. */
export type Cause = 'fault' | 'broken_off'

/** One event as it may go on; undefined when it must not, and the stream cannot be trusted further. */
export type EventJudge = (event: StreamEvent) => Buffer | undefined

export interface EventPassingOptions {
  readonly judge: EventJudge
  /** Undefined for a stream that may answer other requests than one. */
  readonly open: OpenRequests | undefined
  /** Whether a client that saw the id of an event can come back for the rest (2025-11-25; not since 2026-07-28, T26-21). */
  readonly canResume: boolean
  /** Those who wait are told of an error. */
  readonly onError: () => void
}

export function createEventPassing({ judge, open, canResume, onError }: EventPassingOptions): Passing {
  let resumable = false
  const splitter = createEventSplitter({ maxEventBytes: MAX_EVENT_BYTES })
  return {
    push(chunk) {
      const events = splitter.push(chunk)
      if (events === undefined) return undefined
      const out: Buffer[] = []
      for (const event of events) {
        resumable ||= canResume && event.isNamed
        const judged = judge(event)
        if (judged === undefined) return undefined
        out.push(judged)
      }
      return out.length === 1 ? out[0] : Buffer.concat(out)
    },
    end: () => open === undefined || resumable || open.waiting.length === 0,
    lastWords(cause) {
      const isBroken = cause === 'broken_off'
      if (open === undefined) return isBroken ? NOTHING : undefined // nobody is known to wait for more
      if (isBroken && resumable) return undefined
      if (open.waiting.length > 0) onError()
      return Buffer.concat(open.waiting.map((id) => failureEvent(id, cause)))
    },
  }
}

/** What everybody who waits is told; of a fault the same as in http/deny.ts. */
const FAILURES: Readonly<Record<Cause, string>> = {
  fault: 'The MCP server behind the gateway did not answer properly',
  broken_off: 'The answer of the MCP server broke off',
}

function failureEvent(id: string, cause: Cause): Buffer {
  const error = `{"code":-32603,"message":"${FAILURES[cause]}"}`
  return Buffer.from(`event: message\ndata: {"jsonrpc":"2.0","id":${id},"error":${error}}\n\n`)
}

/** JSON is held back until it can be told whether it is an answer, but no more of it than this. */
const MAX_HELD_BYTES = 65_536
/** How much of it is kept to see what it said. */
const MAX_OBSERVED_BYTES = 65_536

export interface JsonPassingOptions {
  readonly open: OpenRequests
  readonly facts: Facts
  /** Whether this caller may see every list. */
  readonly showsAll: boolean
  /** How long a client may keep it; undefined for what no client keeps. */
  readonly maxTtlMs: number | undefined
  /** Nothing more may come on the connection. */
  readonly retire: () => void
  /** Gets a whole answer that is not large; undefined where nobody asks what it said. */
  readonly observe: ((json: Buffer) => void) | undefined
  /** Told why it is no answer. */
  readonly onFault: (detail: string) => void
}

export function createJsonPassing(options: JsonPassingOptions): Passing {
  const { open, facts, showsAll, maxTtlMs, retire, observe, onFault } = options
  let came = false
  let answered = false
  let fault: Fault = NO_ANSWER
  let held: Buffer[] = []
  let heldBytes = 0
  let observed: Buffer | undefined = observe && NOTHING
  const reader = createEnvelopeReader(
    {
      begins(id) {
        if (!open.awaits(id)) fault = FOREIGN
        return open.awaits(id)
      },
      ends(envelope) {
        const belonging = open.take(envelope)
        if (belonging === 'other') return true
        answered = true
        if (belonging === 'unidentified') retire()
        const listed = envelope.listed && !showsAll
        fault = listed ? UNASKED_LIST : FOREIGN
        facts.rpc = envelope.error ? 'error' : envelope.toolFailed ? 'tool_error' : 'result'
        return belonging !== 'foreign' && !listed
      },
    },
    maxTtlMs,
  )
  return {
    push(chunk) {
      came = true
      const shown = reader.push(chunk)
      if (shown === undefined) {
        onFault(fault)
        return undefined
      }
      if (observed !== undefined) observed = withMore(observed, chunk)
      held.push(shown)
      heldBytes += shown.length
      if (!reader.settled && heldBytes <= MAX_HELD_BYTES) return NOTHING
      const out = held.length === 1 ? shown : Buffer.concat(held)
      held = []
      heldBytes = 0
      return out
    },
    end() {
      if (!came) {
        retire() // it says nothing of anybody, and so not to whom
        return true
      }
      const whole = reader.done && answered
      if (whole && observed !== undefined) observe?.(observed)
      if (!whole) onFault(reader.done ? NO_ANSWER : 'an answer that is not whole')
      return whole
    },
    lastWords: () => undefined,
  }
}

const NOTHING = Buffer.alloc(0)

/** Undefined when it becomes too much. */
function withMore(kept: Buffer, chunk: Buffer): Buffer | undefined {
  return kept.length + chunk.length > MAX_OBSERVED_BYTES ? undefined : Buffer.concat([kept, chunk])
}

/** Details of a refusal, for the audit. */
export const NO_ANSWER = 'no answer to the request'
export const FOREIGN = 'an answer to another request'
export const UNASKED_LIST = 'a list that was not asked for'

export type Fault = typeof NO_ANSWER | typeof FOREIGN | typeof UNASKED_LIST
