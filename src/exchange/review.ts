// Reviews an answer before or while it goes on: filters lists, remembers created tasks, and notes the outcome for the
// audit. One review serves a whole JSON body and every event of a stream.
import { withoutMark } from '../mcp/answer.ts'
import { mayHint } from '../mcp/caching.ts'
import { toPublicEndpoint } from '../mcp/endpoint.ts'
import { readEnvelopes, withOwnHints } from '../mcp/envelope-reader.ts'
import { type StreamEvent, withData, withIds } from '../mcp/events.ts'
import { skipSpace } from '../mcp/lex.ts'
import { filterListing, holdsList, type ListingFilter } from '../mcp/listing.ts'
import type { OpenRequests } from '../mcp/open-requests.ts'
import { readErrorCode, readOutcome } from '../mcp/outcome.ts'
import { isServerInitiated } from '../mcp/server-initiated.ts'
import { withoutUpdates } from '../mcp/subscriptions.ts'
import { readCreatedTasks } from '../mcp/tasks.ts'
import { type AnswerFault, FOREIGN, NO_ANSWER, STRAY_UPDATE, UNASKED_LIST } from './answer-watch.ts'
import {
  type AwaitedAnswer,
  maxTtlMs,
  returnCalls,
  type StreamedAnswer,
  tokenLifeMs,
} from './awaited-answer.ts'
import type { EventJudge } from './body-filter.ts'
import { type AllowedCall, atPresent } from './request-state.ts'
import { showsUpdates } from './subscription.ts'
import { rememberTask } from './tasks.ts'

/** Returns the JSON as this caller may see it; undefined when it cannot be read for certain. */
export type Review = (json: Buffer, text?: string) => Buffer | undefined

export function createReview({ call, filters }: AwaitedAnswer): Review {
  const filter = filters ? filterFor(call) : undefined
  const keeping = maxTtlMs(call)
  return (json, text) => {
    const shown = filter ? filterListing(json, filter) : withHints(json, text, keeping)
    noteAnswer(call, json, text)
    return shown
  }
}

function withHints(json: Buffer, text: string | undefined, keeping: number | undefined): Buffer | undefined {
  if (keeping === undefined || !mayHint(text ?? json.toString('latin1'))) return json
  return withOwnHints(withoutMark(json), keeping)
}

/** Why a message of the upstream does not belong to the request; undefined when it may go on (L42, L45). */
export function mismatchOf(
  { call, filters, retire }: AwaitedAnswer,
  open: OpenRequests,
  json: Buffer,
  text: string,
): AnswerFault | undefined {
  // In the other cases lists were filtered, or nothing in them is hidden from this caller.
  const isUnasked = !filters && !call.endpoint.route.policy.showsAll
  if (isUnasked && holdsList(json, text)) return UNASKED_LIST // the request itself still waits for its answer
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
 * Notes the outcome of the call, as far as audit and limits need it. `text` holds the same bytes as latin1, where the
 * caller has it.
 */
export function noteAnswer(call: AllowedCall, json: Buffer, text?: string): void {
  const { message, record } = call
  if (message.calls.some(({ mayCreateTask }) => mayCreateTask)) {
    for (const task of readCreatedTasks(json)) rememberTask(call, task)
  }
  if (message.era === 'modern' && asksInput(call, json)) returnCalls(call)
  const outcome = readOutcome(json, text)
  if (outcome === 'error') record.trace?.failed(() => readErrorCode(json))
  if (outcome !== 'none') record.rpc = outcome
}

/** Whether the answer only asks for input. It is read only where a tool has a rate. */
function asksInput({ endpoint }: AllowedCall, json: Buffer): boolean {
  const { perTool } = endpoint.route.limits.subjects
  if (perTool.size === 0 || !json.includes('"input_required"')) return false
  return readEnvelopes(json)?.some((envelope) => envelope.asksInput) ?? false
}

/**
 * Each item is observed before the policy is asked whether this caller may see it, so that the manifest learns of all
 * items.
 */
function filterFor({ endpoint, caller, circumstances }: AllowedCall): ListingFilter {
  const { pin, policy } = endpoint.route
  return {
    observe: pin && ((kind, name, json) => pin.observe(kind, name, json)),
    shows: (kind, name) =>
      pin?.allows({ kind, name }) !== false &&
      policy.shows(caller.principal, kind, name, atPresent(circumstances)),
    maxTtlMs: tokenLifeMs(caller),
  }
}

/** Whether events of the stream may hold more to judge than answers and updates: an endpoint, or hints for caches. */
export function judgesEveryEvent({ call, filters }: AwaitedAnswer): boolean {
  return call.endpoint.route.transport === 'sse' || (!filters && maxTtlMs(call) !== undefined)
}

/**
 * Judges the events of a stream. An event whose list cannot be read becomes a JSON-RPC error for the request that waits
 * for it, and is dropped where no request is known to wait (L02, L06). A response to nothing that was asked ends the
 * stream.
 */
export function createEventReview(answer: StreamedAnswer): EventJudge {
  let judge: EventJudge | undefined // made when needed: a stream that only listens seldom needs it
  return (event) => {
    judge ??= openEventReview(answer)
    return judge(event)
  }
}

/** Of an upstream that is a program, in place of an address. */
const PROGRAM_URL = 'http://program.invalid/'

function openEventReview(answer: StreamedAnswer): EventJudge {
  const { call, open, sealId, onFault } = answer
  const { route } = call.endpoint
  const review = createReview(answer)
  const publicEndpoint = (data: Buffer) =>
    toPublicEndpoint(
      data.toString('utf8'),
      route.upstreamUrl?.href ?? PROGRAM_URL,
      `${route.path}/messages`,
      route.sealer,
      call.caller.owner,
    )
  const fits = (data: Buffer, text: string) => {
    const fault = open && mismatchOf(answer, open, data, text)
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
  const judge = judgeUpdates(judgeOne, showsUpdates(call))
  const passesAsides = !judgesEveryEvent(answer)
  const judgeRest: EventJudge = (event) =>
    passesAsides && event.type !== 'endpoint' && event.data !== undefined && isServerInitiated(event.data)
      ? event.bytes
      : judge(event)
  if (sealId === undefined) return judgeRest
  return (event) => {
    const shown = judgeRest(event)
    return shown !== undefined && event.isNamed ? withIds(shown, sealId) : shown
  }
}

/** Removes the whole event of an update that may not go on. */
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

/** Judges an event. `text` is its data as latin1. */
type TextJudge = (event: StreamEvent, text: string) => Buffer | undefined

/**
 * The error that takes the place of the event, for the only request that waits. With several it is not known whose list
 * it was.
 */
function inPlaceOf(event: StreamEvent, open: OpenRequests | undefined): Buffer {
  const [id, another] = open?.waiting ?? []
  if (open === undefined || id === undefined || another !== undefined) return Buffer.alloc(0)
  open.take({ id, method: false, result: true, error: false })
  const error = '{"code":-32603,"message":"The MCP server sent a list that cannot be read"}'
  return withData(event, Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}`))
}
