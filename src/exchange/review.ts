// The review of an answer before or while it goes on: lists are filtered, created tasks are remembered, and the outcome
// is noted for the audit. One review serves a whole JSON body and every event of a stream.
import type { Message } from '../core/call.ts'
import { callerKey } from '../core/caller.ts'
import { isCacheable } from '../core/methods.ts'
import type { Principal } from '../core/principal.ts'
import { returnToolCalls } from '../limits/check-rates.ts'
import { withoutMark } from '../mcp/answer.ts'
import { mayHint } from '../mcp/caching.ts'
import { toPublicEndpoint } from '../mcp/endpoint.ts'
import { readEnvelopes, withOwnHints } from '../mcp/envelope-reader.ts'
import { type StreamEvent, withData, withIds } from '../mcp/events.ts'
import { skipSpace } from '../mcp/lex.ts'
import { filterListing, holdsList, type ListingFilter } from '../mcp/listing.ts'
import type { OpenRequests } from '../mcp/open-requests.ts'
import { readOutcome } from '../mcp/outcome.ts'
import { ownerOf } from '../mcp/owner.ts'
import { withoutUpdates } from '../mcp/subscriptions.ts'
import { type CreatedTask, readCreatedTasks } from '../mcp/tasks.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import { type AnswerFault, FOREIGN, NO_ANSWER, STRAY_UPDATE, UNASKED_LIST } from './answer-watch.ts'
import type { EventJudge } from './passing.ts'
import type { SealEventId } from './resumption.ts'
import type { Route } from './route.ts'
import { showsUpdates } from './subscription.ts'

/** The JSON as this caller may see it; undefined when it cannot be read for certain. */
export type Review = (json: Buffer, text?: string) => Buffer | undefined

export interface ReviewOptions {
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly record: RequestRecord
  /** Whether a list may be in it: it was asked for, or the stream may carry the answers of other requests. */
  readonly filters: boolean
}

export function createReview(options: ReviewOptions): Review {
  const { route, principal, record, filters } = options
  const filter = filters ? filterFor(route, principal, record) : undefined
  const keeping = maxTtlMs(options)
  return (json, text) => {
    const shown = filter ? filterListing(json, filter) : withHints(json, text, keeping)
    noteAnswer(options, json, text)
    return shown
  }
}

/** How long a client may keep an answer to this; undefined where it keeps none (L80). */
export function maxTtlMs({
  message,
  principal,
}: Pick<ReviewOptions, 'message' | 'principal'>): number | undefined {
  // On a stream without a message there may be answers to what was asked elsewhere.
  const isKept = message.calls.length === 0 || message.calls.some(({ method }) => isCacheable(method))
  return isKept ? lifeLeft(principal) : undefined
}

/** In milliseconds. */
function lifeLeft(principal: Principal | undefined): number {
  return principal === undefined ? Number.POSITIVE_INFINITY : principal.expiresAt * 1_000 - Date.now()
}

function withHints(json: Buffer, text: string | undefined, keeping: number | undefined): Buffer | undefined {
  if (keeping === undefined || !mayHint(text ?? json.toString('latin1'))) return json
  return withOwnHints(withoutMark(json), keeping)
}

export interface AnswerMatch extends Pick<ReviewOptions, 'filters' | 'route'> {
  readonly open: OpenRequests
  /** Nothing more may come on the connection. */
  readonly retire: () => void
}

/** Why a message of the upstream does not belong to the request; undefined when it may go on (L42, L45). */
export function mismatchOf(
  { open, filters, route, retire }: AnswerMatch,
  json: Buffer,
  text: string,
): AnswerFault | undefined {
  // Otherwise it was filtered, or nothing in it is hidden from this caller.
  const isUnasked = !filters && !route.policy.showsAll
  if (isUnasked && holdsList(json, text)) return UNASKED_LIST // whoever asked something else still waits
  const belonging = open.takeAll(json, text)
  if (belonging === 'unidentified') retire()
  if (belonging === 'foreign') return FOREIGN
  return belonging === 'other' ? NO_ANSWER : undefined
}

/** Why a batch of JSON must not go on: only answers belong there, and updates are judged on streams. */
export function strayUpdateIn(json: Buffer, text: string): AnswerFault | undefined {
  const isBatch = text[skipSpace(json, json.length - withoutMark(json).length)] === '['
  return isBatch && withoutUpdates(json, text, () => false) !== json ? STRAY_UPDATE : undefined
}

/**
 * Notes the outcome of the call, as far as audit and limits need it. `text` is the same bytes as latin1, where known.
 */
export function noteAnswer(options: Omit<ReviewOptions, 'filters'>, json: Buffer, text?: string): void {
  if (options.message.calls.some(({ mayCreateTask }) => mayCreateTask)) {
    for (const task of readCreatedTasks(json)) rememberTask(options, task)
  }
  if (options.message.era === 'modern' && asksInput(options, json)) returnCalls(options)
  const outcome = readOutcome(json, text)
  if (outcome !== 'none') options.record.rpc = outcome
}

/** Looked at only where a tool has a rate. */
function asksInput({ route }: Pick<ReviewOptions, 'route'>, json: Buffer): boolean {
  if (route.limits.subjects.perTool.size === 0 || !json.includes('"input_required"')) return false
  return readEnvelopes(json)?.some((envelope) => envelope.asksInput) ?? false
}

/** One call counts once, however often its client is asked for input. */
export function returnCalls({ route, principal, message, record }: Omit<ReviewOptions, 'filters'>): void {
  const { subjects, strangers } = route.limits
  const limits = principal === undefined ? strangers : subjects
  returnToolCalls(limits, callerKey(principal, record.address), message.calls)
}

function filterFor(route: Route, principal: Principal | undefined, record: RequestRecord): ListingFilter {
  return {
    shows: (kind, name, json) => {
      // The manifest learns from every item, also from those that this caller may not see.
      const isPinned = json ? route.pin?.lists(kind, name, json()) : route.pin?.allows({ kind, name })
      if (isPinned === false) return false
      const circumstances = { now: Date.now(), address: record.address, route: route.name }
      return route.policy.shows(principal, kind, name, circumstances)
    },
    maxTtlMs: lifeLeft(principal),
  }
}

/** A task is remembered only where the request asked for one. */
export function rememberTask(
  { route, principal, message, record }: Omit<ReviewOptions, 'filters'>,
  { id, taskId }: CreatedTask,
): void {
  const creator = message.calls.find((call) => call.mayCreateTask && call.id === id)
  if (creator === undefined) return
  const owner = ownerOf(route.name, principal)
  route.tasks.remember(owner, callerKey(principal, record.address), taskId, creator.targets)
}

export interface EventReviewOptions extends ReviewOptions {
  /** Undefined for a stream that may answer other requests than its own (GET, HTTP+SSE). */
  readonly open: OpenRequests | undefined
  /** Nothing more may come on the connection. */
  readonly retire: () => void
  /** Undefined where ids of events stay as they are. */
  readonly sealId: SealEventId | undefined
  /** Told why the stream cannot go on. */
  readonly onFault: (detail: string) => void
}

/**
 * Judges the events of a stream. An event whose list cannot be read becomes a JSON-RPC error for the request that waits
 * for it, and is dropped where no request is known to wait (L02, L06). A response to nothing that was asked ends the
 * stream.
 */
export function createEventReview(options: EventReviewOptions): EventJudge {
  const { route, principal, open, sealId, onFault } = options
  const review = createReview(options)
  const publicEndpoint = (data: Buffer) =>
    toPublicEndpoint(
      data.toString('utf8'),
      route.upstreamUrl.href,
      `${route.path}/messages`,
      route.sealer,
      ownerOf(route.name, principal),
    )
  const fits = (data: Buffer, text: string) => {
    const fault = open && mismatchOf({ ...options, open }, data, text)
    if (fault === undefined || fault === NO_ANSWER) return true // a stream carries more than answers
    onFault(fault)
    return false
  }
  const judgeOne: TextJudge = (event, text) => {
    const { data } = event
    if (data === undefined || data.length === 0) return event.bytes
    if (route.transport === 'sse' && event.type === 'endpoint') {
      const endpoint = publicEndpoint(data) // SSE-02
      return endpoint === undefined ? undefined : withData(event, Buffer.from(endpoint))
    }
    const shown = review(data, text)
    if (shown === undefined) return inPlaceOf(event, open)
    if (!fits(data, text)) return undefined
    return shown === data ? event.bytes : withData(event, shown)
  }
  const judge = judgeUpdates(judgeOne, showsUpdates(options))
  if (sealId === undefined) return judge
  return (event) => {
    const shown = judge(event)
    return shown !== undefined && event.isNamed ? withIds(shown, sealId) : shown
  }
}

/** An update that does not go on leaves nothing of its event. */
function judgeUpdates(judge: TextJudge, shows: (uri: string) => boolean): EventJudge {
  return (event) => {
    const { data, type } = event
    const text = data?.toString('latin1') ?? ''
    if (data === undefined || type === 'endpoint') return judge(event, text)
    const allowed = withoutUpdates(data, text, shows)
    if (allowed === data) return judge(event, text)
    if (allowed === undefined) return Buffer.alloc(0)
    const bytes = withData(event, allowed)
    return judge({ ...event, bytes, data: allowed }, allowed.toString('latin1'))
  }
}

/** `text` is its data as latin1. */
type TextJudge = (event: StreamEvent, text: string) => Buffer | undefined

/** An error for the only request that waits; with several it cannot be told whose list it is. */
function inPlaceOf(event: StreamEvent, open: OpenRequests | undefined): Buffer {
  const [id, another] = open?.waiting ?? []
  if (open === undefined || id === undefined || another !== undefined) return Buffer.alloc(0)
  open.take({ id, method: false, result: true, error: false })
  const error = '{"code":-32603,"message":"The MCP server sent a list that cannot be read"}'
  return withData(event, Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}`))
}
