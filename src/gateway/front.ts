// The front takes every request on the public port: it answers for the gateway's own pages, checks Host and Origin,
// finds the route and starts the exchange. It writes the audit line and the metrics of each request, and it alone turns
// a thrown error into an answer.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { inFairTurns } from '../core/fair-turns.ts'
import { onlyValue } from '../core/fields.ts'
import { networkOf } from '../core/network.ts'
import type { Refusal } from '../core/refusal.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { exchange } from '../exchange/exchange.ts'
import type { PersonPage, RouteRequest } from '../exchange/request-state.ts'
import type { Endpoint, Route } from '../exchange/route.ts'
import type { ExchangeServices } from '../exchange/services.ts'
import { type HeaderList, jsonAnswer, writeAnswer } from '../http/answer.ts'
import { isBrowserVisit } from '../http/browser-visit.ts'
import { credentialHeaders, isPreflight, originHeaders, preflightAnswer } from '../http/cors.ts'
import { type DenialContext, deny, UNREAD_REQUEST } from '../http/deny.ts'
import { hostOf, type Inbound, readInbound } from '../http/inbound.ts'
import { isOwnPage } from '../http/pages.ts'
import type { Activity } from '../observe/activity.ts'
import type { Audit } from '../observe/audit.ts'
import type { LimitLines } from '../observe/limit-lines.ts'
import type { Logger } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { StartedTrace, Tracing } from '../observe/tracing.ts'
import type { Generation } from './generation.ts'

export interface FrontOptions {
  /** The generation that serves now; a request keeps the one it began with (F08). */
  readonly generation: () => Generation
  readonly log: Logger
  readonly audit: Audit
  readonly metrics: Metrics
  readonly limitLines: Pick<LimitLines, 'record'>
  /** Undefined where no traces are asked for. */
  readonly tracing: Pick<Tracing, 'start'> | undefined
  /** For whoever looks at the console; absent where there is none. */
  readonly activity?: Pick<Activity, 'record'> | undefined
  readonly services: ExchangeServices
  /** Whether new requests are refused. Absent where a closed listener lets none arrive. */
  readonly isClosed?: () => boolean
}

/** For a refusal outside of any route, where no issuer is known that could give a token. */
const NO_ROUTE: DenialContext = {
  resourceMetadata: '',
  signInScopes: [],
  dpopAlgorithms: [],
  dpopRequired: false,
  bodyCounts: true,
  challenge: 'http',
  errors: 'http',
}

const CLOSED: Refusal = { reason: 'overloaded', detail: 'the gateway has been closed' }

export function createFront(options: FrontOptions): RequestListener {
  const serve = inFairTurns<Arrival>(networkKey, (arrival) => void serveOne(options, arrival))
  return (request, response) => {
    const { remoteAddress } = request.socket
    if (remoteAddress === undefined)
      response.destroy() // the connection was reset: there is nobody to answer
    else serve({ request, response, remoteAddress, id: randomUUID(), arrivedMs: performance.now() })
  }
}

/**
 * The key of the queue that a request waits in: the network of the socket's peer, since X-Forwarded-For has not been
 * read yet.
 */
function networkKey({ remoteAddress }: Arrival): string {
  return networkOf(remoteAddress)
}

async function serveOne(options: FrontOptions, arrival: Arrival): Promise<void> {
  const generation = options.generation()
  const leave = generation.enter()
  try {
    const seen = firstLook(generation, arrival)
    const destination = destinationOf(options, generation, arrival, seen)
    if ('refusal' in destination) refuseOutside(options, destination.refusal, arrival, seen.known)
    else if ('answer' in destination) await destination.answer()
    else {
      const { inbound, endpoint } = destination
      const made = pageFor(generation, inbound, endpoint)
      const page = made && (await made)
      const { route } = endpoint
      const { method: httpMethod, fields } = inbound
      const trace = options.tracing?.start({ httpMethod, fields, startedMs: arrival.arrivedMs, route })
      const record = startRecord(route, arrival, inbound.address, generation.number, trace)
      try {
        await exchange({ inbound, endpoint, record, page }, options.services)
      } finally {
        options.metrics.record(record)
        options.audit.record(record)
        options.limitLines.record(record)
        trace?.finish(record)
        options.activity?.record(record)
      }
    }
  } catch (error) {
    answerBug(options.log, arrival.response, arrival.id, error)
  } finally {
    leave()
  }
}

/** For a person in a browser, what is shown if a token is missing. Whoever reads MCP waits for nothing. */
function pageFor(
  { landing }: Generation,
  { method, fields, response }: Inbound,
  { route }: Endpoint,
): Promise<PersonPage | undefined> | undefined {
  return isBrowserVisit(method, fields) ? landing.server(route.name, response) : undefined
}

interface Arrival {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The address of the peer. It is read at once, because a socket that breaks has none any more. */
  readonly remoteAddress: string
  readonly id: string
  /** The time of arrival, by `performance.now()`. */
  readonly arrivedMs: number
}

/** What is known about a request before its request line is checked. */
interface FirstLook {
  readonly known: Pick<Inbound, 'id' | 'address' | 'own'>
  /** The origin of the page that sent it, where the file lists that origin. */
  readonly origin: string | undefined
}

function firstLook({ addressOf, origins }: Generation, { request, remoteAddress, id }: Arrival): FirstLook {
  const origin = origins.corsOrigin(request.rawHeaders)
  const named: HeaderList = ['x-request-id', id]
  const own = origin === undefined ? named : [...named, ...originHeaders(origin)]
  return { known: { id, address: addressOf(remoteAddress, request), own }, origin }
}

/** Where a request goes: to a route, or to an answer of our own, or nowhere. */
type Destination =
  | Omit<RouteRequest, 'record'>
  | { readonly answer: () => MaybeAsync<void> }
  | { readonly refusal: Refusal }

function destinationOf(
  { isClosed }: FrontOptions,
  generation: Generation,
  arrival: Arrival,
  { known, origin }: FirstLook,
): Destination {
  const read = readInbound(arrival.request, arrival.response, known)
  if (!read.ok) return read
  if (isClosed?.()) return { refusal: CLOSED }
  return ownAnswer(generation, read.value) ?? routeOf(generation, read.value, origin)
}

/**
 * The answer of a page of the embedded server, of how an approval stands, of a page of the gateway, or of its health;
 * undefined for other paths.
 */
function ownAnswer(generation: Generation, inbound: Inbound): Destination | undefined {
  const { embedded, origins, health, approvalState } = generation
  const { request, response, address, id, path } = inbound
  if (embedded?.answers(path)) {
    const foreign = origins.checkHost(hostOf(inbound))
    return foreign
      ? { refusal: foreign }
      : answerBy(inbound, () => embedded.handle(request, response, address, id))
  }
  if (approvalState?.answers(path)) {
    const foreign = origins.checkHost(hostOf(inbound))
    if (foreign) return { refusal: foreign }
    const own = ['x-request-id', id]
    return { answer: async () => writeAnswer(response, await approvalState.answer(inbound), own) }
  }
  if (isOwnPage(path)) return answerBy(inbound, () => generation.servePage(request, response))
  const state = health?.(path)
  return state && { answer: () => writeAnswer(response, state, ['x-request-id', id]) }
}

function answerBy({ response, id }: Inbound, page: () => Promise<void>): Destination {
  return {
    answer: () => {
      response.setHeader('x-request-id', id)
      return page()
    },
  }
}

/** The route of the request; or, for a CORS preflight, its answer. */
function routeOf(generation: Generation, inbound: Inbound, origin: string | undefined): Destination {
  const { endpoints, origins } = generation
  const { method, path, fields, response } = inbound
  const endpoint = endpoints.get(path)
  const own = endpoint && origin !== undefined ? sharedWith(endpoint, origin, inbound.own) : inbound.own
  if (endpoint && isPreflight(method, fields)) {
    return { answer: () => writeAnswer(response, preflightAnswer(fields, origin), own) }
  }
  const foreign = origins.check(fields, hostOf(inbound))
  if (foreign) return { refusal: foreign }
  if (endpoint === undefined) return rootOf(generation, inbound) ?? { refusal: { reason: 'route_unknown' } }
  return { inbound: own === inbound.own ? inbound : { ...inbound, own }, endpoint }
}

/** The page at the root, for a person; undefined for everything else. */
function rootOf(
  { landing }: Generation,
  { method, path, fields, response, own }: Inbound,
): Destination | undefined {
  if (path !== '/' || !isBrowserVisit(method, fields)) return undefined
  return { answer: async () => writeAnswer(response, await landing.root(response), own) }
}

function sharedWith({ route }: Endpoint, origin: string, own: HeaderList): HeaderList {
  return [...own, ...credentialHeaders(route.browser?.allowedOrigins ?? [], origin)]
}

function startRecord(
  route: Pick<Route, 'name' | 'policy'> | undefined,
  { request, id, arrivedMs }: Arrival,
  address: string,
  generation: number,
  trace?: StartedTrace,
): RequestRecord {
  return {
    id,
    generation,
    route: route?.name ?? '',
    httpMethod: request.method ?? '',
    address,
    clientRequestId: onlyValue(request.rawHeaders, 'x-request-id'),
    startedMs: arrivedMs,
    trace,
    principal: undefined,
    policy: route?.policy.inForce(),
    calls: [],
    rule: '',
    faulty: undefined,
    answers: undefined,
    would: undefined,
    refusal: undefined,
    withheld: undefined,
    resent: false,
    isStream: false,
    status: 0,
    rpc: 'none',
    ending: 'complete',
  }
}

/** Refuses a request that belongs to no route. It is counted. The audit records it unless only its path was unknown. */
function refuseOutside(
  { audit, metrics, activity, generation }: FrontOptions,
  refusal: Refusal,
  arrival: Arrival,
  { address, own }: Pick<Inbound, 'address' | 'own'>,
): undefined {
  const answer = deny(refusal, NO_ROUTE, UNREAD_REQUEST)
  const record: RequestRecord = {
    ...startRecord(undefined, arrival, address, generation().number),
    refusal,
    status: answer.status,
  }
  metrics.record(record)
  if (refusal.reason !== 'route_unknown') {
    audit.record(record)
    activity?.record(record)
  }
  writeAnswer(arrival.response, answer, own)
}

/**
 * An exception is a bug (CONTRIBUTING.md, house rule 2). It is logged once; the client gets only the id to ask about.
 */
function answerBug(log: Logger, response: ServerResponse, id: string, error: unknown): void {
  log.error({ event: 'bug', request_id: id, error }, 'a request failed by a fault of the gateway')
  if (response.writableEnded) return // the authorization server has answered in OAuth words
  if (response.headersSent) response.destroy()
  else writeAnswer(response, jsonAnswer(500, { error: 'internal', id }), ['x-request-id', id])
}
