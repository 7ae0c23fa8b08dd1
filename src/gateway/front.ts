// Every request that reaches the public port: its own pages, Host and Origin, the route, then the exchange. Writes
// the audit line and the metrics of each, and is the one place where a thrown error becomes an answer.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { inFairTurns } from '../core/fair-turns.ts'
import { onlyValue } from '../core/fields.ts'
import { networkOf } from '../core/network.ts'
import type { Refusal } from '../core/refusal.ts'
import { exchange } from '../exchange/exchange.ts'
import type { Endpoint } from '../exchange/route.ts'
import type { ExchangeServices } from '../exchange/streams.ts'
import { type HeaderList, jsonAnswer, writeAnswer } from '../http/answer.ts'
import { credentialHeaders, isPreflight, originHeaders, preflightAnswer } from '../http/cors.ts'
import { type DenialContext, deny, UNREAD_REQUEST } from '../http/deny.ts'
import { hostOf, type Inbound, readInbound } from '../http/inbound.ts'
import { isOwnPage } from '../http/pages.ts'
import type { Audit } from '../observe/audit.ts'
import type { Logger } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Generation } from './generation.ts'

export interface FrontOptions {
  /** The generation that serves now; a request keeps the one it began with (F08). */
  readonly generation: () => Generation
  readonly log: Logger
  readonly audit: Audit
  readonly metrics: Metrics
  readonly services: ExchangeServices
  /** Whether no new request is taken, where one can still come. */
  readonly isClosed?: () => boolean
}

/** Outside a route there is no issuer to ask for a token. */
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

/** Whose turn a request takes: that of the socket's peer, since X-Forwarded-For has not been read yet. */
function networkKey({ remoteAddress }: Arrival): string {
  return networkOf(remoteAddress)
}

async function serveOne(options: FrontOptions, arrival: Arrival): Promise<void> {
  const generation = options.generation()
  const leave = generation.enter()
  try {
    const arrived = receive(options, generation, arrival)
    if (arrived instanceof Promise) await arrived
    else if (arrived !== undefined) {
      const { inbound, endpoint, record } = arrived
      try {
        await exchange(inbound, endpoint, record, options.services)
      } finally {
        options.metrics.record(record)
        options.audit.record(record)
      }
    }
  } catch (error) {
    answerBug(options.log, arrival.response, arrival.id, error)
  } finally {
    leave()
  }
}

interface Arrival {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The address of the socket, read now because a broken socket has none. */
  readonly remoteAddress: string
  readonly id: string
  /** By `performance.now()`. */
  readonly arrivedMs: number
}

/** A request to a route, and what is known of it before anything is checked. */
interface Arrived {
  readonly inbound: Inbound
  readonly endpoint: Endpoint
  readonly record: RequestRecord
}

/** Answers a request that is for no route: at once, or when the promise resolves. */
function receive(
  options: FrontOptions,
  generation: Generation,
  arrival: Arrival,
): Arrived | Promise<void> | undefined {
  const { request, response, id } = arrival
  const address = generation.addressOf(arrival.remoteAddress, request)
  const origin = generation.origins.corsOrigin(request.rawHeaders)
  const named: HeaderList = ['x-request-id', id]
  const known = { id, address, own: origin === undefined ? named : [...named, ...originHeaders(origin)] }
  const read = readInbound(request, response, known)
  if (!read.ok) return refuseOutside(options, read.refusal, arrival, known)
  if (options.isClosed?.()) return refuseOutside(options, CLOSED, arrival, known)
  const inbound = read.value
  const { embedded } = generation
  if (embedded?.answers(inbound.path)) {
    const foreign = generation.origins.checkHost(hostOf(inbound))
    if (foreign) return refuseOutside(options, foreign, arrival, known)
    response.setHeader('x-request-id', id)
    return embedded.handle(request, response, address, id)
  }
  if (isOwnPage(inbound.path)) {
    response.setHeader('x-request-id', id)
    return generation.servePage(request, response)
  }

  const health = generation.health?.(inbound.path)
  if (health !== undefined) {
    writeAnswer(response, health, named)
    return undefined
  }
  const endpoint = generation.endpoints.get(inbound.path)
  const own = endpoint && origin !== undefined ? sharedWith(endpoint, origin, inbound.own) : inbound.own
  if (endpoint && isPreflight(inbound.method, inbound.fields)) {
    writeAnswer(response, preflightAnswer(inbound.fields, origin), own)
    return undefined
  }
  const foreign = generation.origins.check(inbound.fields, hostOf(inbound))
  if (foreign) return refuseOutside(options, foreign, arrival, known)
  if (endpoint === undefined) return refuseOutside(options, { reason: 'route_unknown' }, arrival, known)

  const record = startFacts(endpoint.route.name, arrival, address, generation.number)
  return { inbound: own === inbound.own ? inbound : { ...inbound, own }, endpoint, record }
}

function sharedWith({ route }: Endpoint, origin: string, own: HeaderList): HeaderList {
  return [...own, ...credentialHeaders(route.browser?.allowedOrigins ?? [], origin)]
}

function startFacts(
  route: string,
  { request, id, arrivedMs }: Arrival,
  address: string,
  generation: number,
): RequestRecord {
  return {
    id,
    generation,
    route,
    httpMethod: request.method ?? '',
    address,
    clientRequestId: onlyValue(request.rawHeaders, 'x-request-id'),
    startedMs: arrivedMs,
    principal: undefined,
    calls: [],
    rule: '',
    faulty: undefined,
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

/** A request that belongs to no route: counted, and on record unless it only asked for a path that is not there. */
function refuseOutside(
  { audit, metrics, generation }: FrontOptions,
  refusal: Refusal,
  arrival: Arrival,
  { address, own }: Pick<Inbound, 'address' | 'own'>,
): undefined {
  const answer = deny(refusal, NO_ROUTE, UNREAD_REQUEST)
  const record: RequestRecord = {
    ...startFacts('', arrival, address, generation().number),
    refusal,
    status: answer.status,
  }
  metrics.record(record)
  if (refusal.reason !== 'route_unknown') audit.record(record)
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
