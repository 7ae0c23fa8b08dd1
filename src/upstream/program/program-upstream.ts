// A server that is a program, as the exchange sees an upstream: it plays the server's side of Streamable HTTP, so that
// policy, lists, audit and sessions are those of any route. Where a message goes is destinations.ts; how, posted-messages.ts.
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import type { ProgramSettings } from '../../core/settings-program.ts'
import { STOPPING } from '../failure.ts'
import { createHealth } from '../health.ts'
import type { Reply } from '../reply.ts'
import type { Sent, Upstream, UpstreamRequest } from '../upstream.ts'
import { Destinations, type ProgramDestination } from './destinations.ts'
import { PostedMessages } from './posted-messages.ts'
import type { ProgramHost } from './program-host.ts'

export interface ProgramUpstreamOptions {
  /** Callers without a token are one and the same: the operator of a command. */
  readonly hasOneCaller: boolean
}

export function createProgramUpstream(
  route: string,
  settings: ProgramSettings,
  host: ProgramHost,
  { hasOneCaller }: ProgramUpstreamOptions = { hasOneCaller: false },
): Upstream {
  const health = createHealth(`${route} upstream`, () => performance.now())
  const destinations = new Destinations({ route, settings, host, health, hasOneCaller })
  const isQuiet = settings.per === 'route'
  let isClosed = false

  const post = (request: UpstreamRequest): Sent => {
    const body = request.body && host.lines.ofBody(request.body)
    if (body === undefined) return refused(UNREADABLE)
    const isModern = request.era === 'modern'
    const begins = !isModern && body.messages.some(({ method }) => method === 'initialize')
    const found = isModern
      ? destinations.ofCaller(request)
      : begins
        ? destinations.begin(request)
        : destinations.ofSession(request)
    if (!found.ok) return refused(found.refusal)
    const destination = found.value
    const { session } = destination
    return new PostedMessages({
      ...{ request, body, destination, begins, isQuiet: isQuiet && !isModern },
      timeoutMs: settings.timeoutMs,
      onRefused: () => session && destinations.end(session),
      onOver: () => destinations.release(request, destination),
    }).send()
  }

  return {
    send(request) {
      if (isClosed) return refused(STOPPING)
      if (request.method === 'POST') return post(request)
      const found = destinations.ofSession(request)
      if (!found.ok) return refused(found.refusal)
      if (request.method === 'GET') return isQuiet ? refused(NO_STREAM) : listen(found.value)
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
/** Nothing would ever come on it. */
const NO_STREAM: Refusal = { reason: 'method_not_allowed', allow: 'POST, DELETE' }
const DELETED: Reply = { status: 200, headers: [], mediaType: '', body: Buffer.alloc(0), retire() {} }

function listen({ session, program }: ProgramDestination): Sent {
  if (session === undefined) return refused(NO_STREAM)
  program.listeners += 1
  const reply: Result<Reply> = session.open(() => {
    program.listeners -= 1
  })
  return { reply: Promise.resolve(reply), abort: () => session.stopListening() }
}

function refused(refusal: Refusal): Sent {
  return { reply: Promise.resolve(refuse(refusal)), abort() {} }
}
