// Which bytes of a streamed body may go on to the client. An event stream is judged event by event; an event that can
// hold no list, and is too large to be kept, is judged in parts. relay.ts moves the bytes.
import { createEventRuns, type EventRuns, MAX_KEPT_EVENT_BYTES } from '../mcp/event-runs.ts'
import { isNamed, type StreamEvent } from '../mcp/events.ts'
import type { OpenRequests } from '../mcp/open-requests.ts'
import type { OutputRoom } from './output-room.ts'

const MAX_EVENT_BYTES = 16 * 1024 * 1024

export interface BodyFilter {
  /**
   * Adds to `out` what may go on of a piece. The piece is a view that is valid during the call only. Returns false when
   * nothing after it may go on.
   */
  push(chunk: Buffer, out: OutputRoom): boolean
  /** Called when the upstream has ended. Returns whether the body was a whole answer. */
  end(): boolean
  /** Whether the gateway may insert bytes now: never within an event. */
  isBetween(): boolean
  /** Whether the client saw the id of an event by which it can ask for the rest. */
  canResume(): boolean
  /** The bytes that are sent in place of the rest; undefined when none can be. */
  lastWords(cause: BreakCause): Buffer | undefined
}

/**
 * Why the stream ends early: the upstream said something that must not pass, fell silent or broke off, or the gateway
 * stops.
 */
export type BreakCause = 'fault' | 'broken_off' | 'stopping'

/** Returns an event, or a part of one, as it may go on; undefined when it must not, which ends the stream. */
export type EventJudge = (event: StreamEvent) => Buffer | undefined

export interface EventFilterOptions {
  readonly judge: EventJudge
  /** Whether `judge` needs every event, and not only those that may hold an answer or a list. */
  readonly judgesAll: boolean
  /** Whether `judge` changes event ids. */
  readonly changesIds: boolean
  /** Judges parts of events. Undefined where every event has to be whole. */
  readonly judgePart: EventJudge | undefined
  /** The requests that wait for an answer. Undefined for a stream that may answer more requests than this one. */
  readonly open: OpenRequests | undefined
  /** Whether a client that saw the id of an event can come back for the rest (2025-11-25; not since 2026-07-28, T26-21). */
  readonly canResume: boolean
  /** Called when waiting requests are answered with an error. */
  readonly onError: () => void
}

export function createEventFilter(options: EventFilterOptions): BodyFilter {
  const { judge, judgePart, judgesAll, changesIds, open, canResume, onError } = options
  let resumable = false
  let isWithin = false
  let to: OutputRoom
  let runs: EventRuns | undefined
  const judged = (event: StreamEvent): Buffer | undefined => {
    if (event.part === undefined || judgePart === undefined) return judge(event)
    const shown = judgePart(event)
    if (shown !== undefined) isWithin = event.part !== 'ends'
    return shown
  }
  const openRuns = () =>
    createEventRuns({
      ...{ maxEventBytes: MAX_EVENT_BYTES, partedOverBytes: judgePart && MAX_KEPT_EVENT_BYTES },
      ...{ findsIds: changesIds || canResume, judgesAll },
      passes: (events) => to.append(events),
      judges(event) {
        const shown = judged(event)
        if (shown === undefined) return false
        resumable ||= canResume && event.isNamed && isNamed(shown)
        to.append(shown)
        return true
      },
    })
  return {
    push(chunk, out) {
      to = out
      runs ??= openRuns()
      return runs.push(chunk)
    },
    end: () => open === undefined || resumable || open.waiting.length === 0,
    isBetween: () => !isWithin,
    canResume: () => resumable,
    lastWords(cause) {
      const isBroken = cause !== 'fault'
      if (open === undefined) return isBroken ? NOTHING : undefined // nobody is known to wait for more
      if (isBroken && resumable) return undefined
      if (open.waiting.length > 0) onError()
      const failures = open.waiting.map((id) => failureEvent(id, cause))
      return Buffer.concat([isWithin ? BREAK : NOTHING, ...failures])
    },
  }
}

/** Ends the event under way. Its data is no whole JSON then, so no client takes it for an answer. */
const BREAK = Buffer.from('\n\n')
const NOTHING = Buffer.alloc(0)

/** The error for every request that still waits. For a fault of the upstream it is the one of http/deny.ts. */
const FAILURES: Readonly<Record<BreakCause, string>> = {
  fault: 'The MCP server behind the gateway did not answer properly',
  broken_off: 'The answer of the MCP server broke off',
  stopping: 'The gateway is stopping',
}

function failureEvent(id: string, cause: BreakCause): Buffer {
  const error = `{"code":-32603,"message":"${FAILURES[cause]}"}`
  return Buffer.from(`event: message\ndata: {"jsonrpc":"2.0","id":${id},"error":${error}}\n\n`)
}
