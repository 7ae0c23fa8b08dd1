// What is looked at in an answer before or while it goes on: lists are filtered, created tasks remembered, and
// what it said is noted for the audit. One review serves a whole JSON body and every event of a stream.
import type { Message } from '../core/call.ts'
import { callerKey } from '../core/caller.ts'
import type { Principal } from '../core/principal.ts'
import { toPublicEndpoint } from '../mcp/endpoint.ts'
import { type StreamEvent, withData } from '../mcp/events.ts'
import { filterListing, type ListingFilter } from '../mcp/listing.ts'
import { readOutcome } from '../mcp/outcome.ts'
import { ownerOf } from '../mcp/owner.ts'
import { readCreatedTasks } from '../mcp/tasks.ts'
import type { Facts } from '../observe/facts.ts'
import type { EventJudge } from './relay.ts'
import type { Route } from './route.ts'

/** The JSON as this caller may see it; undefined when that cannot be told. */
export type Review = (json: Buffer) => Buffer | undefined

export interface ReviewOptions {
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly facts: Facts
  /** Whether a list may be in it: it was asked for, or the stream may carry the answers of other requests. */
  readonly filters: boolean
}

export function createReview(options: ReviewOptions): Review {
  const { route, principal, facts, filters } = options
  const filter = filters ? filterFor(route, principal, facts) : undefined
  return (json) => {
    const shown = filter ? filterListing(json, filter) : json
    noteAnswer(options, json)
    return shown
  }
}

/** What it says of the call, as far as somebody asks later. `text` is the same as latin1, where it is at hand. */
export function noteAnswer(options: Omit<ReviewOptions, 'filters'>, json: Buffer, text?: string): void {
  if (options.message.calls.some(({ mayCreateTask }) => mayCreateTask)) rememberTasks(options, json)
  const { kind } = readOutcome(json, text)
  if (kind !== 'none') options.facts.rpc = kind
}

function filterFor(route: Route, principal: Principal | undefined, facts: Facts): ListingFilter {
  return {
    shows: (kind, name, json) => {
      // The manifest learns from every item, also from those that this caller may not see.
      if (route.pin?.lists(kind, name, json()) === false) return false
      const circumstances = { now: Date.now(), address: facts.address, route: route.name }
      return route.policy.shows(principal, kind, name, circumstances)
    },
    maxTtlMs: principal === undefined ? Number.POSITIVE_INFINITY : principal.expiresAt * 1_000 - Date.now(),
  }
}

function rememberTasks(
  { route, principal, message, facts }: Omit<ReviewOptions, 'filters'>,
  json: Buffer,
): void {
  const owner = ownerOf(route.name, principal)
  const caller = callerKey(principal, facts.address)
  for (const { id, taskId } of readCreatedTasks(json)) {
    const creator = message.calls.find((call) => call.mayCreateTask && call.id === id)
    if (creator) route.tasks.remember(owner, caller, taskId, creator.targets)
  }
}

/**
 * Judges the events of a stream with a review. An event whose list cannot be read becomes a JSON-RPC error for the
 * request that waits for it, and nothing where nobody is known to wait (L02, L06).
 */
export function createEventReview(options: ReviewOptions, review: Review): EventJudge {
  const { route, principal, message } = options
  const id = message.batch ? undefined : message.calls[0]?.id
  const publicEndpoint = (data: Buffer) =>
    toPublicEndpoint(
      data.toString('utf8'),
      route.upstreamUrl.href,
      `${route.path}/messages`,
      route.sealer,
      ownerOf(route.name, principal),
    )
  return (event) => {
    if (event.data === undefined || event.data.length === 0) return event.bytes
    if (route.transport === 'sse' && event.type === 'endpoint') {
      const endpoint = publicEndpoint(event.data) // SSE-02
      return endpoint === undefined ? undefined : withData(event, Buffer.from(endpoint))
    }
    const shown = review(event.data)
    if (shown === event.data) return event.bytes
    return shown === undefined ? inPlaceOf(event, id) : withData(event, shown)
  }
}

function inPlaceOf(event: StreamEvent, id: string | undefined): Buffer {
  if (id === undefined) return Buffer.alloc(0)
  const error = '{"code":-32603,"message":"The MCP server sent a list that cannot be read"}'
  return withData(event, Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}`))
}
