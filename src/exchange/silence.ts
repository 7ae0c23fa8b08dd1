// Finds event streams of the whole gateway that have been silent for long. One timer looks at a fifteenth of them each
// time. So ten thousand idle streams cost a few comments a second, and a busy stream costs one number for each write.

/** T26-23: a comment breaks the silence well before the 30 s after which intermediaries give up. In milliseconds. */
const KEEP_ALIVE_MS = 15_000
const TURNS = 15

export class Silence {
  /** The streams that are looked at in each turn. */
  readonly #due = Array.from({ length: TURNS }, () => new Set<WatchedStream>())
  #turn = 0
  #watched = 0
  #timer: NodeJS.Timeout | undefined

  /** Calls `onSilent` each time when the stream was silent for `KEEP_ALIVE_MS`, or up to a fifteenth less. */
  watch(onSilent: () => void): WatchedStream {
    const stream: WatchedStream = { onSilent, lastTurn: this.#turn, dueIn: this.#dueIn(this.#turn) }
    stream.dueIn.add(stream)
    this.#watched += 1
    this.#timer ??= setInterval(() => this.#look(), KEEP_ALIVE_MS / TURNS)
    return stream
  }

  /** Called when the stream wrote something. */
  broken(stream: WatchedStream): void {
    stream.lastTurn = this.#turn
  }

  forget(stream: WatchedStream): void {
    if (!stream.dueIn.delete(stream)) return
    this.#watched -= 1
    if (this.#watched > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    this.#turn += 1
    const now = this.#dueIn(this.#turn)
    for (const stream of now) {
      const isSilent = this.#turn - stream.lastTurn >= TURNS
      if (isSilent) {
        stream.lastTurn = this.#turn
        stream.onSilent()
      }
      const later = this.#dueIn(stream.lastTurn)
      if (later === now) continue
      now.delete(stream)
      later.add(stream)
      stream.dueIn = later
    }
  }

  /** A stream that wrote in a turn is looked at a whole round later. */
  #dueIn(turn: number): Set<WatchedStream> {
    return this.#due[turn % TURNS] as Set<WatchedStream>
  }
}

/** A stream that is watched; only `Silence` looks into it. */
export interface WatchedStream {
  readonly onSilent: () => void
  lastTurn: number
  dueIn: Set<WatchedStream>
}
