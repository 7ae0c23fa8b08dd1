// Streams that stay open for long: the GET stream, the 2024-11-05 stream and subscriptions/listen. Each takes a
// place of its caller's, ends when its token does, and ends in order when the gateway drains (STR-05, STR-07).
import type { Message } from '../core/call.ts'
import type { Credential, Principal } from '../core/principal.ts'
import { ok, type Result, refuse } from '../core/refusal.ts'
import type { ReadBody } from '../http/body.ts'
import type { Inbound } from '../http/inbound.ts'
import type { Facts } from '../observe/facts.ts'
import type { Route } from './route.ts'

/** I26: how often the token of an open stream is looked at again. */
const RECHECK_MS = 30_000
const MAX_TIMER_MS = 2_147_483_647

/** Ends a stream after sending what is left to say. */
export type EndStream = (last: Buffer | undefined) => void

/** What an exchange needs of the process around it. */
export interface Surroundings {
  readonly readBody: ReadBody
  /** False when the decision must be on record before the call goes on, and could not be written. */
  admit(facts: Facts): boolean
  /** Every long stream that is open, for the drain. */
  readonly open: Set<() => void>
  countStream(route: string, change: 1 | -1): void
}

/** A place for a stream. `release` is called once, whatever happened; `opened` when the stream flows. */
export interface Hold {
  readonly isStream: boolean
  opened(end: EndStream): void
  release(): void
}

const NO_HOLD: Hold = { isStream: false, opened() {}, release() {} }

export interface StreamRequest {
  readonly inbound: Inbound
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly credential: Result<Credential>
  readonly surroundings: Surroundings
  /** Whose stream it is. */
  readonly key: string
}

/** A place for what will be a long stream; nothing to hold for anything else. */
export function holdStream(request: StreamRequest): Result<Hold> {
  const { inbound, route, message, surroundings, key } = request
  const listen = message.calls.find(({ method }) => method === 'subscriptions/listen')
  if (inbound.method !== 'GET' && listen === undefined) return ok(NO_HOLD)
  const leave = route.limits.streams.enter(key)
  if (leave === undefined) {
    return refuse({ reason: 'rate_limited', limit: 'streams_per_subject', retryAfterSeconds: 5 })
  }
  surroundings.countStream(route.name, 1)
  const last = listen?.id === undefined ? undefined : listenResult(listen.id)
  const stops: (() => void)[] = []
  return ok({
    isStream: true,
    opened(end) {
      const finish = () => end(last)
      surroundings.open.add(finish)
      stops.push(() => surroundings.open.delete(finish), watchToken(request, finish))
    },
    release() {
      leave()
      surroundings.countStream(route.name, -1)
      for (const stop of stops) stop()
    },
  })
}

/** Ends the stream at the token's expiry, and when a later look finds it revoked. An issuer that is down ends nothing. */
function watchToken({ route, principal, credential }: StreamRequest, finish: () => void): () => void {
  if (principal === undefined || !credential.ok) return () => {}
  const lifeMs = principal.expiresAt * 1_000 - Date.now()
  const expiry = setTimeout(finish, Math.min(Math.max(lifeMs, 0), MAX_TIMER_MS))
  const recheck = setInterval(async () => {
    const verdict = await route.verifier.recheck(credential.value, Date.now())
    if (!verdict.ok && verdict.refusal.reason === 'token_rejected') finish()
  }, RECHECK_MS)
  return () => {
    clearTimeout(expiry)
    clearInterval(recheck)
  }
}

/** T26-26: the server's own end of a subscription is the result of the listen request. */
function listenResult(id: string): Buffer {
  const meta = `{"io.modelcontextprotocol/subscriptionId":${id}}`
  const result = `{"resultType":"complete","_meta":${meta}}`
  return Buffer.from(`event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":${result}}\n\n`)
}
