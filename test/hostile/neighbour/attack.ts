// What a recipe of an attack is made of: connections from some addresses, requests in a loop, requests whose answers
// nobody reads. Counts what was sent, so that a control can send as many.
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { answersIn } from '../../support/wire.ts'

export interface Aim {
  /** Of the gateway. */
  readonly origin: string
  /** Where it is attacked from, in turn. */
  readonly addresses: readonly string[]
  readonly milliseconds: number
  /** Tokens of one attacker; a recipe that needs none ignores them. */
  readonly tokens: readonly string[]
  readonly bound: string
  /** For the control: how many requests, at most. */
  readonly most: number
}

const REOPEN_MS = 20

export class Attack {
  readonly aim: Aim
  readonly #until: number
  readonly #sockets = new Set<Socket>()
  #connections = 0
  sent = 0

  constructor(aim: Aim) {
    this.aim = aim
    this.#until = performance.now() + aim.milliseconds
  }

  get isOn(): boolean {
    return performance.now() < this.#until && this.sent < this.aim.most
  }

  /** A connection from the next address. */
  connect(): Socket {
    const { origin, addresses } = this.aim
    const { hostname, port } = new URL(origin)
    const localAddress = addresses[this.#connections++ % addresses.length] as string
    const socket = connect({ host: hostname, port: Number(port), localAddress })
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket))
    this.#sockets.add(socket)
    return socket
  }

  /** `lanes` connections, each with one request after the other; `each`: how many a text is. */
  async loop(lanes: number, request: (turn: number) => string | Buffer, each = 1): Promise<void> {
    const next = (turn: number) => {
      this.sent += each
      return request(turn)
    }
    await Promise.all(Array.from({ length: lanes }, (_, lane) => this.#lane(lane, lanes, next)))
  }

  /** `count` connections that write this and then neither read nor end. */
  async park(count: number, bytes: (turn: number) => string | Buffer): Promise<void> {
    for (let turn = 0; turn < count && this.isOn; turn += 1) {
      const socket = this.connect()
      socket.pause().write(bytes(turn))
      this.sent += 1
      if (turn % 50 === 49) await pause(1)
    }
    while (this.isOn) await pause(REOPEN_MS)
  }

  async wait(milliseconds: number): Promise<void> {
    await pause(milliseconds)
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async #lane(lane: number, lanes: number, request: (turn: number) => string | Buffer): Promise<void> {
    let socket = this.connect()
    for (let turn = lane; this.isOn; turn += lanes) {
      if (socket.destroyed || socket.readableEnded) {
        await pause(REOPEN_MS)
        socket = this.connect()
      }
      socket.write(request(turn))
      await answered(socket, this.#until)
    }
  }
}

/** Resolves with the first whole answer, or the end of the connection or of the attack. */
function answered(socket: Socket, until: number): Promise<void> {
  return new Promise((resolve) => {
    let received = ''
    const finish = () => {
      clearTimeout(late)
      socket.off('data', take).off('close', finish).off('end', finish)
      resolve()
    }
    const take = (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (answersIn(received).length > 0) finish()
    }
    const late = setTimeout(finish, Math.max(0, until - performance.now()))
    socket.on('data', take).once('close', finish).once('end', finish)
  })
}
