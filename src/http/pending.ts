// The answers under way on each connection of a client, in the order of their requests, and how the connection ends
// after them: the next request may come before the answer to the last (RFC 9112 §9.3.2). Knows nothing of what they say.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a connection that was ended waits for its client to end it too; a reset at once could undo the answer. */
const LINGER_MS = 2_000

/** Requests of one connection without an answer. Clients of MCP send one; node reads megabytes of them at once. */
const MAX_PIPELINED = 32

/** The requests of one connection: those without an answer, and how many there were in all. */
interface AskedOn {
  readonly answers: ServerResponse[]
  count: number
}

export class PendingAnswers {
  readonly #asked = new Map<Socket, AskedOn>()
  readonly #onFirst: (socket: Socket) => void
  #ending = false

  /** `onFirst` is told of the first request of each connection. */
  constructor(onFirst: (socket: Socket) => void) {
    this.#onFirst = onFirst
  }

  /** False when the connection has asked for too much, or can take no answer any more, and is cut off. */
  add(response: ServerResponse, socket: Socket): boolean {
    const asked = this.#asked.get(socket) ?? this.#open(socket)
    const { answers } = asked
    dropFinished(answers)
    asked.count += 1
    if (answers.push(response) > MAX_PIPELINED || !socket.writable) {
      socket.destroy()
      return false
    }
    if (this.#ending) endAfter(socket, answers)
    return true
  }

  of(socket: Socket): readonly ServerResponse[] {
    const answers = this.#asked.get(socket)?.answers ?? []
    dropFinished(answers)
    return answers
  }

  /** Every connection that was asked something. */
  connections(): Iterable<readonly [Socket, Readonly<AskedOn>]> {
    return this.#asked
  }

  /** Forgets finished requests: an idle connection must not hold the token of its last request (K15). */
  forget(): void {
    for (const { answers } of this.#asked.values()) dropFinished(answers)
  }

  /** Ends each connection when it has no open request; a kept one would wait for a request that may never come. */
  endAll(): void {
    this.#ending = true
    for (const [socket, { answers }] of this.#asked) endAfter(socket, answers)
  }

  #open(socket: Socket): AskedOn {
    const asked: AskedOn = { answers: [], count: 0 }
    this.#asked.set(socket, asked)
    this.#onFirst(socket)
    socket.once('close', () => {
      this.#asked.delete(socket)
      for (const response of asked.answers) leave(response)
    })
    return asked
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
