// A body in chunks (RFC 9112 §7.1): bytes → pieces of the body, and what follows it. Extensions and trailers are read
// and left behind (L36).

/** Of a chunk's size line, and of all trailers together. */
const MAX_LINE_BYTES = 4_096
const MAX_TRAILER_BYTES = 16_384
const LINE_FEED = 0x0a
/** With extensions by their grammar, but no space within. */
const SIZE_LINE =
  /^([0-9a-fA-F]{1,12})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t \x21\x23-\x5b\x5d-\x7e]*"))?)*$/
const TRAILER_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/
/** RFC 9110 §6.5.1: a trailer frames nothing, and some readers refuse one that would. */
const FRAMING_TRAILER = /^(?:content-length|transfer-encoding):/i

export interface ChunkedBody {
  /** What follows the body once it is whole; undefined before; a string says what is wrong. */
  push(bytes: Buffer): Buffer | string | undefined
}

/** `data` gets views that are good during the call only. */
export function createChunkedBody(data: (piece: Buffer) => void): ChunkedBody {
  return new Chunks(data)
}

class Chunks implements ChunkedBody {
  readonly #data: (piece: Buffer) => void
  #expects: 'size' | 'data' | 'end_of_data' | 'trailer' = 'size'
  /** Bytes of the chunk that have not come yet. */
  #left = 0
  /** Of a line that is not whole yet. */
  #line = ''
  #trailerBytes = 0

  constructor(data: (piece: Buffer) => void) {
    this.#data = data
  }

  push(bytes: Buffer): Buffer | string | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#expects === 'data') {
        at += this.#takeData(bytes, at)
        continue
      }
      const end = bytes.indexOf(LINE_FEED, at) + 1
      const stop = end === 0 ? bytes.length : end
      this.#line += bytes.toString('latin1', at, stop)
      at = stop
      if (this.#line.length > MAX_LINE_BYTES) return 'a line between chunks is too long'
      const read = end > 0 && this.#readLine()
      if (typeof read === 'string') return read
      if (read) return bytes.subarray(at)
    }
    return undefined
  }

  /** How many bytes it took. */
  #takeData(bytes: Buffer, at: number): number {
    const piece = bytes.subarray(at, at + this.#left)
    this.#left -= piece.length
    this.#data(piece)
    if (this.#left === 0) this.#expects = 'end_of_data'
    return piece.length
  }

  /** True at the end of the body; a string says what is wrong. */
  #readLine(): boolean | string {
    const line = this.#line.slice(0, -2)
    if (!this.#line.endsWith('\r\n')) return 'a line between chunks has no proper end'
    this.#line = ''
    if (this.#expects === 'size') return this.#readSize(line)
    if (this.#expects === 'end_of_data') {
      this.#expects = 'size'
      return line === '' ? false : 'a chunk is longer than its size'
    }
    if (line === '') return true
    this.#trailerBytes += line.length
    if (this.#trailerBytes > MAX_TRAILER_BYTES) return 'trailers are too large'
    return TRAILER_LINE.test(line) && !FRAMING_TRAILER.test(line) ? false : 'a malformed trailer'
  }

  #readSize(line: string): boolean | string {
    const size = SIZE_LINE.exec(line)?.[1]
    if (size === undefined) return 'not the size of a chunk'
    this.#left = Number.parseInt(size, 16)
    this.#expects = this.#left === 0 ? 'trailer' : 'data'
    return false
  }
}
