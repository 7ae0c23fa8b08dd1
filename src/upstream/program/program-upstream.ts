// A server that is a program, as the exchange sees an upstream: it plays the server's side of Streamable HTTP, so that
// policy, lists, audit and sessions are those of any route. Where a message goes is destinations.ts; how, posted-messages.ts.
import { ok, type Refusal, refuse } from '../../core/refusal.ts'
import type { ProgramSettings } from '../../core/settings-program.ts'
import { STOPPING } from '../failure.ts'
import { createHealth } from '../health.ts'
import type { Reply } from '../reply.ts'
import type { Sent, Upstream } from '../upstream.ts'
import { Destinations } from './destinations.ts'
import { PostedMessages } from './posted-messages.ts'
import type { ProgramHost } from './program-host.ts'
import type { ProgramRequest } from './program-request.ts'
import { atEndpoint, openListening, openSse } from './session-streams.ts'

/** An upstream that needs less of a request than others. */
export interface ProgramUpstream extends Omit<Upstream, 'send'> {
  send(request: ProgramRequest): Sent
}

export interface ProgramUpstreamOptions {
  /** Callers without a token are one and the same: the operator of a command. */
  readonly hasOneCaller: boolean
}

export function createProgramUpstream(
  route: string,
  settings: ProgramSettings,
  host: ProgramHost,
  { hasOneCaller }: ProgramUpstreamOptions = { hasOneCaller: false },
): ProgramUpstream {
  const health = createHealth(`${route} upstream`, () => performance.now())
  const destinations = new Destinations({ route, settings, host, health, hasOneCaller })
  const isQuiet = settings.per === 'route'
  const isSse = settings.transport === 'sse'
  let isClosed = false

  const destinationOf = (request: ProgramRequest, begins: boolean) => {
    if (isSse) return destinations.ofSession(atEndpoint(request))
    if (request.era === 'modern') return destinations.ofCaller(request)
    return begins ? destinations.begin(request) : destinations.ofSession(request)
  }
  const post = (request: ProgramRequest): Sent => {
    const body = request.body && host.lines.ofBody(request.body)
    if (body === undefined) return refused(UNREADABLE)
    const isModern = !isSse && request.era === 'modern'
    const begins = !isModern && !isSse && body.messages.some(({ method }) => method === 'initialize')
    const found = destinationOf(request, begins)
    if (!found.ok) return refused(found.refusal)
    const destination = found.value
    const { session } = destination
    return new PostedMessages({
      ...{ request, body, destination, begins, isQuiet: isQuiet && !isModern, isOnStream: isSse },
      timeoutMs: settings.timeoutMs,
      room: host.unreadRoomOf(request.caller),
      onRefused: () => session && destinations.end(session),
      onOver: () => destinations.release(request, destination),
    }).send()
  }

  return {
    send(request) {
      if (isClosed) return refused(STOPPING)
      if (request.method === 'POST') return post(request)
      if (isSse) return openSse(destinations, request)
      const found = destinations.ofSession(request)
      if (!found.ok) return refused(found.refusal)
      if (request.method === 'GET') return openListening(found.value, request, isQuiet)
      if (found.value.session) destinations.end(found.value.session)
      return { reply: Promise.resolve(ok(DELETED)), abort() {} }
    },
    status: health.status,
    isReady: health.isReady,
    close() {
      isClosed = true
      destinations.endAll()
    },
  }
}

const UNREADABLE: Refusal = {
  reason: 'message_invalid',
  detail: 'a member that names a request or a progress token is spelled in another way',
}
const DELETED: Reply = { status: 200, headers: [], mediaType: '', body: Buffer.alloc(0), retire() {} }

function refused(refusal: Refusal): Sent {
  return { reply: Promise.resolve(refuse(refusal)), abort() {} }
}
