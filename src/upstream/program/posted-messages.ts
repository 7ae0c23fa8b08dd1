// The messages of one POST on their way to a program, and the answer that comes of them. What a shared program must not be
// told, or has said before, is answered here.
import type { BodyMessages, LineMessage } from '../../core/line-message.ts'
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import { hasMembers, membersOf, parseJson } from '../../lib/json.ts'
import type { Reply } from '../reply.ts'
import type { Sent } from '../upstream.ts'
import { type CallEnding, ClientCall } from './client-call.ts'
import type { ProgramDestination } from './destinations.ts'
import { type Handshake, handshakeFor } from './handshake.ts'
import { type AnswerStream, PostReply } from './post-reply.ts'
import type { ProgramRequest } from './program-request.ts'
import type { ProgramSession } from './program-session.ts'
import { StreamReply } from './stream-reply.ts'
import type { UnreadRoom } from './unread-room.ts'

export interface PostedMessagesParts {
  readonly request: ProgramRequest
  readonly body: BodyMessages
  readonly destination: ProgramDestination
  /** Whether the session begins with this. */
  readonly begins: boolean
  readonly timeoutMs: number
  /** For what its caller has been answered, and has not read. */
  readonly room: UnreadRoom
  /** Whether answers go to the stream of the session, as in HTTP+SSE. */
  readonly isOnStream: boolean
  /** Whether no caller hears what the program says beside answers. */
  readonly isQuiet: boolean
  /** A session that did not begin after all. */
  readonly onRefused: () => void
  /** A call is over. */
  readonly onOver: () => void
}

const NOTHING = Buffer.alloc(0)
const ACCEPTED: Reply = { status: 202, headers: [], mediaType: '', body: NOTHING, retire() {} }
const UNREAD: Refusal = { reason: 'overloaded', detail: 'the program does not read what it is sent' }
const UNANSWERED: Refusal = {
  ...{ reason: 'rate_limited', limit: 'calls_at_program' },
  retryAfterSeconds: 5,
}
/** Numbers of the gateway may be longer than those of a client. */
const LONGER_BYTES = 4_096

export class PostedMessages {
  readonly #parts: PostedMessagesParts
  readonly #reply = Promise.withResolvers<Result<Reply>>()
  readonly #calls: ClientCall[] = []
  #posted: PostReply | undefined
  /** The program has all of it, or never will. */
  #onWritten = () => {}

  constructor(parts: PostedMessagesParts) {
    this.#parts = parts
  }

  send(): Sent {
    const { request, destination, body } = this.#parts
    const sent = { reply: this.#reply.promise, abort: () => this.#posted?.abort() }
    const { program } = destination
    const requests = body.messages.filter(({ kind }) => kind === 'request')
    const give = program.reserve(request.caller, (request.body?.length ?? 0) + LONGER_BYTES)
    if (give === undefined || program.places.take(request.caller, requests.length) !== undefined) {
      give?.()
      this.#reply.resolve(refuse(give === undefined ? UNREAD : UNANSWERED))
      return sent
    }
    this.#onWritten = () => {
      give()
      request.onWritten?.()
    }
    if (requests.length === 0 || this.#parts.isOnStream) this.#reply.resolve(ok(ACCEPTED))
    if (requests.length > 0) this.#open(requests)
    if (destination.handshake === undefined) this.#pass(undefined)
    else
      void destination.handshake.then((hands) =>
        hands.ok ? this.#pass(hands.value) : this.#failAll(hands.refusal),
      )
    return sent
  }

  #open(requests: readonly LineMessage[]): void {
    const { request, destination, timeoutMs, isOnStream } = this.#parts
    const { session } = destination
    const reply = isOnStream && session !== undefined ? new StreamReply(session) : this.#post(requests.length)
    for (const message of requests) {
      const call = new ClientCall({
        ...{ message, reply, timeoutMs: request.isStream ? undefined : timeoutMs },
        onAnswer: (_, answer) => this.#parts.begins && this.#begun(answer),
        onOver: (over, how) => this.#onOver(over, how),
      })
      session?.calls.add(call)
      this.#calls.push(call)
    }
  }

  /** The answer to the POST itself. */
  #post(requests: number): PostReply {
    const { request, body, destination, begins } = this.#parts
    const { session } = destination
    const isModern = request.era === 'modern'
    const posted = new PostReply({
      requests,
      isBatch: body.isBatch,
      listens: request.isStream,
      wholeUpTo: request.bufferJsonUpTo,
      room: this.#parts.room,
      resumable: () => (isModern ? undefined : session && answerStreamOf(session)),
      headers: () =>
        begins && session !== undefined && !session.isOver ? ['mcp-session-id', session.id] : [],
      answer: this.#reply.resolve,
      onLeft: () => {
        if (isModern) for (const call of this.#calls) call.left()
      },
    })
    this.#posted = posted
    return posted
  }

  /** The handshake of a session with a program of its own is over. */
  #begun(answer: LineMessage): void {
    const { session } = this.#parts.destination
    const revision = membersOf(membersOf(parseJson(answer.line({}).toString('utf8')))?.['result'])?.[
      'protocolVersion'
    ]
    if (answer.isError) this.#parts.onRefused()
    else if (session !== undefined && typeof revision === 'string') session.revision = revision
  }

  #onOver(call: ClientCall, how: CallEnding): void {
    const { destination, request } = this.#parts
    const { program, session } = destination
    session?.calls.delete(call)
    program.places.give(request.caller)
    if (how === 'given_up' || how === 'cancelled') {
      program.forget(call.number)
      if (how === 'given_up' && call.number > 0) program.tellCancelled(request.caller, call.number)
    }
    this.#parts.onOver()
  }

  #failAll(why: Refusal): void {
    this.#onWritten()
    for (const call of this.#calls) call.fail(why, 'The MCP server did not start')
  }

  /** `handshake`: of a program that is shared. */
  #pass(handshake: Handshake | undefined): void {
    const { destination, body, request } = this.#parts
    let next = 0
    for (const message of body.messages) {
      if (message.kind !== 'request') this.#tell(message, handshake !== undefined)
      else {
        const call = this.#calls[next] as ClientCall
        next += 1
        this.#ask(message, call, handshake)
      }
    }
    destination.program.flush(request.caller, this.#onWritten)
  }

  #ask(message: LineMessage, call: ClientCall, handshake: Handshake | undefined): void {
    const { destination, request } = this.#parts
    const own = handshake && this.#answerFor(message, handshake)
    if (own !== undefined) call.answer(own)
    else call.number = destination.program.request(message, call, request.caller)
  }

  /** What the gateway answers for a shared program: the members of a response. Undefined: the program does. */
  #answerFor(message: LineMessage, handshake: Handshake): string | undefined {
    const { isQuiet } = this.#parts
    if (message.method === 'initialize') {
      const asked = parametersOf(message)['protocolVersion']
      const result = handshakeFor(handshake, asked, !isQuiet)
      const { session } = this.#parts.destination
      const spoken = result['protocolVersion']
      if (session !== undefined && typeof spoken === 'string') session.revision = spoken
      return `"result":${JSON.stringify(result)}`
    }
    if (!isQuiet) return undefined
    if (message.method === 'logging/setLevel') return '"result":{}'
    return SUBSCRIBING.has(message.method) ? NOT_SHARED : undefined
  }

  #tell(message: LineMessage, isShared: boolean): void {
    const { program, session } = this.#parts.destination
    const { caller } = this.#parts.request
    const { kind, method, ids } = message
    if (kind === 'response') {
      if (session?.answers(ids.id)) program.write(caller, message.line({}))
      else program.drop('late')
    } else if (method === 'notifications/cancelled') this.#cancel(ids.requestId)
    else if (!isShared || !OF_THE_GATEWAY.has(method)) program.write(caller, message.line({}))
  }

  /** Written anew: another spelling of the id must not reach the program. */
  #cancel(requestId: string | undefined): void {
    const { program, session } = this.#parts.destination
    const call = session?.callOf(requestId)
    if (call === undefined || call.number === 0) program.drop('late')
    else {
      program.tellCancelled(this.#parts.request.caller, call.number)
      call.cancelled()
    }
  }
}

/** The first revision whose clients take an event without data for a place to come back to. */
const PRIMED = '2025-11-25'

function answerStreamOf(session: ProgramSession): AnswerStream {
  return { stream: session.answerStream(), isPrimed: session.revision >= PRIMED }
}

const SUBSCRIBING: ReadonlySet<string> = new Set(['resources/subscribe', 'resources/unsubscribe'])
const NOT_SHARED = '"error":{"code":-32601,"message":"This server is shared, and tells nobody of changes"}'
/** A shared program has one client, which is the gateway. */
const OF_THE_GATEWAY: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/roots/list_changed',
  'notifications/progress',
])

function parametersOf(message: LineMessage): Readonly<Record<string, unknown>> {
  const read = parseJson(message.line({}).toString('utf8'))
  const params = hasMembers(read) ? read['params'] : undefined
  return hasMembers(params) ? params : {}
}
