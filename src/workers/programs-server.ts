// The programs of all workers, in their primary: it starts them, and carries the calls of each worker to them. A worker that
// dies ends its calls; sessions and programs go on.
import type { Duplex } from 'node:stream'
import type { ProgramEvents } from '../core/program-events.ts'
import { isProgram, type Settings } from '../core/settings.ts'
import { createOwnPrograms } from '../gateway/own-programs.ts'
import type { ProgramUpstream } from '../upstream/program/program-upstream.ts'
import { type FrameChannel, openFrameChannel } from './frame-channel.ts'
import {
  type ForwardedRequest,
  keyOfProgram,
  type ProgramAnswer,
  type ProgramCommand,
} from './program-messages.ts'
import { ServedCall } from './served-call.ts'

export interface ProgramsServer {
  /** Serves a worker until its stream ends. */
  serve(stream: Duplex): void
  /** The programs of these settings can be used from now on. The result gives them back. */
  hold(settings: Settings): () => void
  /** Resolves when all programs are gone. */
  close(): Promise<void>
}

export function createProgramsServer({ limits }: Settings, events: ProgramEvents): ProgramsServer {
  const programs = createOwnPrograms(limits, events)
  const held = new HeldUpstreams()
  return {
    serve: (stream) => void new ServedWorker(stream, held),
    hold({ routes }) {
      const keys = routes.flatMap(({ name, upstream }) => {
        if (!isProgram(upstream)) return []
        const key = keyOfProgram(name, upstream)
        held.take(key, () => programs.upstreamOf(name, upstream))
        return [key]
      })
      return () => {
        for (const key of keys.splice(0)) held.release(key)
      }
    },
    close: () => programs.close(),
  }
}

/** Each is closed when nobody holds it any more. */
class HeldUpstreams {
  readonly #byKey = new Map<string, { readonly upstream: ProgramUpstream; holders: number }>()

  /** Without `make`: only one that is held already. */
  take(key: string, make?: () => ProgramUpstream): ProgramUpstream | undefined {
    const known = this.#byKey.get(key)
    const held = known ?? (make && { upstream: make(), holders: 0 })
    if (held === undefined) return undefined
    held.holders += 1
    this.#byKey.set(key, held)
    return held.upstream
  }

  release(key: string): void {
    const held = this.#byKey.get(key)
    if (held === undefined) return
    held.holders -= 1
    if (held.holders > 0) return
    this.#byKey.delete(key)
    held.upstream.close()
  }
}

/** What one worker uses. */
class ServedWorker {
  readonly #channel: FrameChannel<ProgramAnswer>
  readonly #held: HeldUpstreams
  readonly #upstreams = new Map<number, { readonly key: string; readonly upstream: ProgramUpstream }>()
  readonly #calls = new Map<number, ServedCall>()

  constructor(stream: Duplex, held: HeldUpstreams) {
    this.#held = held
    this.#channel = openFrameChannel<ProgramAnswer, ProgramCommand>(
      stream,
      (command, bytes) => this.#carryOut(command, bytes),
      () => this.#end(),
    )
  }

  #carryOut(command: ProgramCommand, bytes: Buffer): void {
    switch (command[0]) {
      case 'hold':
        this.#hold(command[1], command[2])
        break
      case 'release':
        this.#release(command[1])
        break
      case 'send':
        this.#send(command[1], command[2], command[3], bytes)
        break
      case 'abort':
        this.#calls.get(command[1])?.abort()
        break
      case 'took':
        this.#calls.get(command[1])?.took(command[2])
    }
  }

  #hold(number: number, key: string): void {
    const upstream = this.#held.take(key)
    if (upstream !== undefined) this.#upstreams.set(number, { key, upstream })
  }

  #release(number: number): void {
    const known = this.#upstreams.get(number)
    this.#upstreams.delete(number)
    if (known !== undefined) this.#held.release(known.key)
  }

  #send(number: number, upstream: number, request: ForwardedRequest, body: Buffer): void {
    const known = this.#upstreams.get(upstream)
    if (known === undefined) {
      const detail = 'the primary has no such program'
      this.#channel.send(['refused', number, { reason: 'upstream_unreachable', detail }, true])
      return
    }
    const call = new ServedCall({
      ...{ number, upstream: known.upstream, request, body },
      send: (answer, bytes) => this.#channel.send(answer, bytes),
      onOver: () => this.#calls.delete(number),
    })
    this.#calls.set(number, call)
    call.begin()
  }

  #end(): void {
    for (const call of [...this.#calls.values()]) call.abort()
    for (const number of [...this.#upstreams.keys()]) this.#release(number)
  }
}
