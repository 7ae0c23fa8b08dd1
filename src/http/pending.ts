// The answers under way on each connection of a client, in the order of their requests, and how the connection ends
// after them: the next request may come before the answer to the last (RFC 9112 §9.3.2). Knows nothing of what they say.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a connection that was ended waits for its client to end it too; a reset at once could undo the answer. */
const LINGER_MS = 2_000

/** Requests of one connection without an answer. Clients of MCP send one; node reads megabytes of them at once. */
const MAX_PIPELINED = 32

export class PendingAnswers {
  readonly #pending = new Map<Socket, ServerResponse[]>()
  readonly #onFirst: (socket: Socket) => void
  #ending = false

  /** `onFirst` is told of the first request of each connection. */
  constructor(onFirst: (socket: Socket) => void) {
    this.#onFirst = onFirst
  }

  /** False when the connection has asked for too much, or can take no answer any more, and is cut off. */
  add(response: ServerResponse, socket: Socket): boolean {
    const pending = this.#pending.get(socket) ?? this.#open(socket)
    dropFinished(pending)
    if (pending.push(response) > MAX_PIPELINED || !socket.writable) {
      socket.destroy()
      return false
    }
    if (this.#ending) endAfter(socket, pending)
    return true
  }

  of(socket: Socket): readonly ServerResponse[] {
    const pending = this.#pending.get(socket) ?? []
    dropFinished(pending)
    return pending
  }

  /** Every connection that was asked something. */
  sockets(): Iterable<Socket> {
    return this.#pending.keys()
  }

  /** Lets go of what is through: a connection that waits must not hold the token of its last request (K15). */
  forget(): void {
    for (const pending of this.#pending.values()) dropFinished(pending)
  }

  /** Ends each connection when nothing is under way on it; a kept one would wait for a request that may not come. */
  endAll(): void {
    this.#ending = true
    for (const [socket, pending] of this.#pending) endAfter(socket, pending)
  }

  #open(socket: Socket): ServerResponse[] {
    const pending: ServerResponse[] = []
    this.#pending.set(socket, pending)
    this.#onFirst(socket)
    socket.once('close', () => {
      this.#pending.delete(socket)
      for (const response of pending) leave(response)
    })
    return pending
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
