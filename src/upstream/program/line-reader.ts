// Cuts what a program writes into lines. A line that is longer than the limit is passed over to its end, and nothing of it
// is kept but its beginning.

export interface LineListener {
  /** Without its end. It may be kept. */
  line(bytes: Buffer): void
  /** A line was longer than the limit. `start` is what it began with. */
  tooLong(start: Buffer): void
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

export class LineReader {
  readonly #limit: number
  readonly #listener: LineListener
  /** Of the line that is not whole. */
  #pieces: Buffer[] = []
  #length = 0
  #passesOver = false

  /** `limit`: bytes of one line. */
  constructor(limit: number, listener: LineListener) {
    this.#limit = limit
    this.#listener = listener
  }

  push(chunk: Buffer): void {
    let at = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      this.#add(chunk.subarray(at, end))
      this.#finish()
      at = end + 1
    }
    if (at < chunk.length) this.#add(chunk.subarray(at))
  }

  /** Nothing more comes: what is there is the last line. */
  end(): void {
    if (this.#length > 0 || this.#passesOver) this.#finish()
  }

  #add(piece: Buffer): void {
    if (this.#passesOver) return
    if (this.#length + piece.length > this.#limit) {
      this.#passesOver = true
      const start = Buffer.concat([...this.#pieces, piece]).subarray(0, Math.min(this.#limit, START_BYTES))
      this.#pieces = [Buffer.from(start)]
      return
    }
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  #finish(): void {
    const [first] = this.#pieces
    const whole = this.#pieces.length === 1 ? (first as Buffer) : Buffer.concat(this.#pieces)
    const isTooLong = this.#passesOver
    this.#pieces = []
    this.#length = 0
    this.#passesOver = false
    if (isTooLong) this.#listener.tooLong(whole)
    else this.#listener.line(whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole)
  }
}

/** What is kept of a line that is too long. */
const START_BYTES = 4_096
