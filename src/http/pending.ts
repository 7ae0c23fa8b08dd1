// The answers under way on each connection of a client, in the order of their requests, and how the connection ends
// after them: the next request may come before the answer to the last (RFC 9112 §9.3.2). Knows nothing of what they say.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a connection that was ended waits for its client to end it too; a reset at once could undo the answer. */
const LINGER_MS = 2_000

/** The most unanswered requests of one connection. Clients of MCP send one; node reads megabytes of them at once. */
const MAX_PIPELINED = 32

/** The requests of one connection: answers still pending, and the count of all requests so far. */
interface ConnectionRequests {
  readonly answers: ServerResponse[]
  count: number
}

export class PendingAnswers {
  readonly #byConnection = new Map<Socket, ConnectionRequests>()
  readonly #onFirstRequest: (socket: Socket) => void
  #ending = false

  /** Calls `onFirstRequest` at the first request of each connection. */
  constructor(onFirstRequest: (socket: Socket) => void) {
    this.#onFirstRequest = onFirstRequest
  }

  /** False when the connection sent too many requests, or can take no answer any more; it is cut off. */
  add(response: ServerResponse, socket: Socket): boolean {
    const requests = this.#byConnection.get(socket) ?? this.#open(socket)
    const { answers } = requests
    dropFinished(answers)
    requests.count += 1
    if (answers.push(response) > MAX_PIPELINED || !socket.writable) {
      socket.destroy()
      return false
    }
    if (this.#ending) endAfter(socket, answers)
    return true
  }

  of(socket: Socket): readonly ServerResponse[] {
    const answers = this.#byConnection.get(socket)?.answers ?? []
    dropFinished(answers)
    return answers
  }

  /** Every connection that has sent a request. */
  connections(): Iterable<readonly [Socket, Readonly<ConnectionRequests>]> {
    return this.#byConnection
  }

  /** Forgets finished requests: an idle connection must not hold the token of its last request (K15). */
  forget(): void {
    for (const { answers } of this.#byConnection.values()) dropFinished(answers)
  }

  /** Ends each connection when it has no open request; a kept one would wait for a request that may never come. */
  endAll(): void {
    this.#ending = true
    for (const [socket, { answers }] of this.#byConnection) endAfter(socket, answers)
  }

  #open(socket: Socket): ConnectionRequests {
    const requests: ConnectionRequests = { answers: [], count: 0 }
    this.#byConnection.set(socket, requests)
    this.#onFirstRequest(socket)
    socket.once('close', () => {
      this.#byConnection.delete(socket)
      for (const response of requests.answers) leave(response)
    })
    return requests
  }
}

/** Ends the connection after the last of these answers, unless another is under way by then. */
export function endAfter(socket: Socket, pending: readonly ServerResponse[]): void {
  const last = pending.at(-1)
  if (last === undefined || last.writableFinished) end(socket)
  else
    last.once('finish', () => {
      if (pending.at(-1) === last) end(socket)
    })
}

/** Ends the connection, whatever its client does: it may keep its own half open for ever. */
export function end(socket: Socket, lastWords = ''): void {
  if (lastWords !== '') socket.write(lastWords)
  socket.end()
  const linger = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(linger))
}

/** Node 22 tells nothing to an answer that waits for its turn when the connection ends. */
function leave(response: ServerResponse): void {
  if (response.closed || response.writableFinished) return
  response.destroy()
  setImmediate(() => {
    if (!response.closed) response.emit('close')
  })
}

function dropFinished(pending: ServerResponse[]): void {
  while (pending[0]?.writableFinished) pending.shift()
}
