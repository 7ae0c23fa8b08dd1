// The streams of sessions at a program, as replies: one that only listens, the rest of one that its client lost, and that of
// HTTP+SSE (2024-11-05), which is the session itself and says where to post.
import { ok, type Refusal, refuse } from '../../core/refusal.ts'
import type { Sent } from '../upstream.ts'
import type { Destinations, ProgramDestination } from './destinations.ts'
import type { ProgramRequest } from './program-request.ts'
import type { UnreadStream } from './unread-stream.ts'

/** Nothing would ever come on it. */
const NO_STREAM: Refusal = { reason: 'method_not_allowed', allow: 'POST, DELETE' }
/** What a stream of HTTP+SSE names: nobody but the gateway sees it. */
const ENDPOINT = '/messages?session='

/** `isQuiet`: nothing is ever said beside answers. */
export function openListening(
  { session, program }: ProgramDestination,
  { headers: { lastEventId } }: ProgramRequest,
  isQuiet: boolean,
): Sent {
  if (session === undefined) return refused(NO_STREAM)
  const onClosed = () => {
    program.listeners -= 1
  }
  const resumed = lastEventId === undefined ? undefined : session.resume(lastEventId, onClosed)
  const body = resumed ?? (isQuiet ? undefined : session.listen(onClosed))
  if (body === undefined) return refused(NO_STREAM)
  program.listeners += 1
  return streamed(body)
}

/** The stream is the session: with it the session ends. */
export function openSse(destinations: Destinations, request: ProgramRequest): Sent {
  const found = destinations.begin(request)
  if (!found.ok) return refused(found.refusal)
  const { program, session } = found.value
  if (session === undefined) return refused(NO_STREAM)
  const body = session.listen(() => {
    program.listeners -= 1
    destinations.end(session)
  })
  program.listeners += 1
  body.push(Buffer.from(`event: endpoint\ndata: ${ENDPOINT}${session.id}\n\n`))
  return streamed(body)
}

/** The same, with the session that its endpoint names. */
export function atEndpoint(request: ProgramRequest): ProgramRequest {
  const { target, headers } = request
  const sessionId = target.startsWith(ENDPOINT) ? target.slice(ENDPOINT.length) : undefined
  return { ...request, headers: { ...headers, sessionId } }
}

function streamed(body: UnreadStream): Sent {
  const mediaType = 'text/event-stream'
  const reply = { status: 200, headers: ['content-type', mediaType], mediaType, body, retire() {} }
  return { reply: Promise.resolve(ok(reply)), abort: () => body.abort() }
}

function refused(refusal: Refusal): Sent {
  return { reply: Promise.resolve(refuse(refusal)), abort() {} }
}
