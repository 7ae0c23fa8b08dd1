// Streams that stay open for long: the GET stream, the 2024-11-05 stream and subscriptions/listen. Each takes one of
// its caller's places, ends when its token does, and ends in order when the gateway drains (STR-05, STR-07).
import type { Call, Message } from '../core/call.ts'
import { valuesOf } from '../core/fields.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { AllowedCall } from './request-state.ts'
import { idOfEnd } from './resumption.ts'
import type { Route } from './route.ts'
import type { ExchangeServices } from './services.ts'

/** I26: how often the token of an open stream is checked again, in milliseconds. */
const RECHECK_MS = 30_000
const MAX_TIMER_MS = 2_147_483_647

/** Ends a stream after sending its last event; or, where it has none, an id with which the client opens it again. */
export type EndStream = (last: Buffer | undefined, resumption?: Buffer) => void

/**
 * The place that a call holds while it is carried out. `release` is called once, whatever happened; `opened` when a
 * stream flows.
 */
export interface StreamSlot {
  /** Called when the request is on its way to the upstream. */
  sent(abort: () => void): void
  opened(end: EndStream): void
  release(): void
}

const NO_SLOT: StreamSlot = { sent() {}, opened() {}, release() {} }

/** Whether the request only opens a stream that listens, and may stay open for hours. */
export function opensStream(httpMethod: string, { calls }: Message): boolean {
  return httpMethod === 'GET' || calls.some(isListen)
}

const isListen = ({ method }: Call): boolean => method === 'subscriptions/listen'

/** Takes a place for a stream. For a call, returns the means to end it. */
export function takeSlot(call: AllowedCall, services: ExchangeServices): Result<StreamSlot> {
  if (!call.isStream) return ok(services.underWay.enter(call) ?? NO_SLOT)
  const { key } = call.caller
  const { route } = call.endpoint
  const shortage = takePlace(route, key)
  if (shortage !== undefined) return refuse(shortage)
  services.countStream(route.name, 1)
  const listen = call.message.calls.find(isListen)
  const last = listen?.id === undefined ? undefined : listenResult(listen.id)
  const stops: (() => void)[] = []
  return ok({
    sent() {},
    opened(end) {
      call.record.isStream = true
      const finish = () => end(last, resumptionOf(call))
      services.open.add(finish)
      stops.push(() => services.open.delete(finish), watchToken(call, finish))
    },
    release() {
      route.limits.streams.give(key)
      route.limits.allStreams.give(key)
      services.countStream(route.name, -1)
      for (const stop of stops) stop()
    },
  })
}

/** Long enough that a client that tries again and again costs little. */
const RETRY_SECONDS = 5

/**
 * Takes a place among the streams of the route and one among all streams. Takes neither and returns a refusal where one
 * is missing.
 */
function takePlace({ limits: { streams, allStreams } }: Route, key: string): Refusal | undefined {
  const onRoute = streams.take(key)
  const shortage = onRoute ?? allStreams.take(key)
  if (shortage === undefined) return undefined
  if (onRoute === undefined) streams.give(key)
  const limit = onRoute === undefined ? 'share_per_caller' : 'streams_per_subject'
  if (shortage === 'share') return { reason: 'rate_limited', limit, retryAfterSeconds: RETRY_SECONDS }
  return { reason: 'overloaded', detail: 'too many streams are open', retryAfterSeconds: RETRY_SECONDS }
}

/**
 * Ends the stream when the token expires, or when a later check finds it revoked. An issuer that is down ends nothing.
 */
function watchToken(
  { endpoint: { route }, caller, credential }: AllowedCall,
  finish: () => void,
): () => void {
  const { principal } = caller
  if (principal === undefined || !credential.ok) return () => {}
  const lifeMs = principal.expiresAt * 1_000 - Date.now()
  const expiry = setTimeout(finish, Math.min(Math.max(lifeMs, 0), MAX_TIMER_MS))
  const recheck = setInterval(async () => {
    const verdict = await route.verifier.prove(credential.value, Date.now())
    if (!verdict.ok && verdict.refusal.reason === 'token_rejected') finish()
  }, RECHECK_MS)
  return () => {
    clearTimeout(expiry)
    clearInterval(recheck)
  }
}

/** T26-26: a server ends a subscription by answering the listen request. */
function listenResult(id: string): Buffer {
  const meta = `{"io.modelcontextprotocol/subscriptionId":${id}}`
  const result = `{"resultType":"complete","_meta":${meta}}`
  return Buffer.from(`event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":${result}}\n\n`)
}

/** SEP-1699: an event with an id and without data, after which a client opens the stream again (STR-06). */
function resumptionOf(call: AllowedCall): Buffer | undefined {
  const { inbound, endpoint } = call
  const [version] = valuesOf(inbound.fields, 'mcp-protocol-version')
  const reads = version === '2025-11-25' && endpoint.route.transport === 'http' && inbound.method === 'GET'
  return reads ? Buffer.from(`id: ${idOfEnd(call)}\ndata: \n\n`) : undefined
}
