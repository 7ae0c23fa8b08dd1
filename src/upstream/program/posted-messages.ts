// The messages of one POST on their way to a program, and the answer that comes of them. What a shared program must not be
// told, or has said before, is answered here.
import type { BodyMessages, LineMessage } from '../../core/line-message.ts'
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import { hasMembers, parseJson } from '../../lib/json.ts'
import type { Reply } from '../reply.ts'
import type { Sent, UpstreamRequest } from '../upstream.ts'
import { type CallEnding, ClientCall } from './client-call.ts'
import type { ProgramDestination } from './destinations.ts'
import { type Handshake, handshakeFor } from './handshake.ts'
import { PostReply } from './post-reply.ts'

export interface PostedMessagesParts {
  readonly request: UpstreamRequest
  readonly body: BodyMessages
  readonly destination: ProgramDestination
  /** Whether the session begins with this. */
  readonly begins: boolean
  readonly timeoutMs: number
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
/** Numbers of the gateway may be longer than those of a client. */
const LONGER_BYTES = 4_096

export class PostedMessages {
  readonly #parts: PostedMessagesParts
  readonly #reply = Promise.withResolvers<Result<Reply>>()
  readonly #calls: ClientCall[] = []
  #posted: PostReply | undefined

  constructor(parts: PostedMessagesParts) {
    this.#parts = parts
  }

  send(): Sent {
    const { request, destination, body } = this.#parts
    const sent = { reply: this.#reply.promise, abort: () => this.#posted?.abort() }
    if (!destination.program.takes((request.body?.length ?? 0) + LONGER_BYTES)) {
      this.#reply.resolve(refuse(UNREAD))
      return sent
    }
    const requests = body.messages.filter(({ kind }) => kind === 'request')
    if (requests.length === 0) this.#reply.resolve(ok(ACCEPTED))
    else this.#open(requests)
    if (destination.handshake === undefined) this.#pass(undefined)
    else
      void destination.handshake.then((hands) =>
        hands.ok ? this.#pass(hands.value) : this.#failAll(hands.refusal),
      )
    return sent
  }

  #open(requests: readonly LineMessage[]): void {
    const { request, body, destination, begins, timeoutMs } = this.#parts
    const { session } = destination
    const isModern = request.era === 'modern'
    const posted = new PostReply({
      requests: requests.length,
      isBatch: body.isBatch,
      listens: request.isStream,
      headers: () =>
        begins && session !== undefined && !session.isOver ? ['mcp-session-id', session.id] : [],
      answer: this.#reply.resolve,
      onLeft: () => {
        if (isModern) for (const call of this.#calls) call.left()
      },
    })
    this.#posted = posted
    for (const message of requests) {
      const call = new ClientCall({
        ...{ message, reply: posted, timeoutMs: request.isStream ? undefined : timeoutMs },
        onAnswer: (_, answer) => begins && answer.isError && this.#parts.onRefused(),
        onOver: (over, how) => this.#onOver(over, how),
      })
      session?.calls.add(call)
      this.#calls.push(call)
    }
  }

  #onOver(call: ClientCall, how: CallEnding): void {
    const { program, session } = this.#parts.destination
    session?.calls.delete(call)
    if (how === 'given_up' || how === 'cancelled') {
      program.forget(call.number)
      if (how === 'given_up' && call.number > 0) program.tellCancelled(call.number)
    }
    this.#parts.onOver()
  }

  #failAll(why: Refusal): void {
    this.#parts.request.onWritten?.()
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
    if (request.onWritten) destination.program.flush(request.onWritten)
  }

  #ask(message: LineMessage, call: ClientCall, handshake: Handshake | undefined): void {
    const { program } = this.#parts.destination
    const own = handshake && this.#answerFor(message, handshake)
    if (own !== undefined) call.answer(own)
    else call.number = program.request(message, call)
  }

  /** What the gateway answers for a shared program: the members of a response. Undefined: the program does. */
  #answerFor(message: LineMessage, handshake: Handshake): string | undefined {
    const { isQuiet } = this.#parts
    if (message.method === 'initialize') {
      const asked = parametersOf(message)['protocolVersion']
      return `"result":${JSON.stringify(handshakeFor(handshake, asked, !isQuiet))}`
    }
    if (!isQuiet) return undefined
    if (message.method === 'logging/setLevel') return '"result":{}'
    return SUBSCRIBING.has(message.method) ? NOT_SHARED : undefined
  }

  #tell(message: LineMessage, isShared: boolean): void {
    const { program, session } = this.#parts.destination
    const { kind, method, ids } = message
    if (kind === 'response') {
      if (session?.answers(ids.id)) program.write(message.line({}))
      else program.drop('late')
    } else if (method === 'notifications/cancelled') this.#cancel(ids.requestId)
    else if (!isShared || !OF_THE_GATEWAY.has(method)) program.write(message.line({}))
  }

  /** Written anew: another spelling of the id must not reach the program. */
  #cancel(requestId: string | undefined): void {
    const { program, session } = this.#parts.destination
    const call = session?.callOf(requestId)
    if (call === undefined || call.number === 0) program.drop('late')
    else {
      program.tellCancelled(call.number)
      call.cancelled()
    }
  }
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
