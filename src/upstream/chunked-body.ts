// Reads a body in chunks (RFC 9112 §7.1): bytes → pieces of the body, and the bytes that follow it. Extensions and
// trailers are read and left behind (L36). A server may write each event of a stream as a chunk, so the data of all
// chunks in a buffer is moved together, over the lines between them, and goes on as one piece.

/** The longest size line of a chunk, and the size of all trailers together. */
const MAX_LINE_BYTES = 4_096
const MAX_TRAILER_BYTES = 16_384
const LINE_FEED = 0x0a
const CR = 0x0d
/** How many digits of a size are read without making a text: more would not fit into 31 bits. */
const PLAIN_DIGITS = 7
/** A size line, with extensions by their grammar, but without spaces in them. */
const SIZE_LINE =
  /^([0-9a-fA-F]{1,12})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t \x21\x23-\x5b\x5d-\x7e]*"))?)*$/
const TRAILER_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/
/** RFC 9110 §6.5.1: a trailer frames nothing, and some readers refuse one that would. */
const FRAMING_TRAILER = /^(?:content-length|transfer-encoding):/i

/** The value of each byte as a hexadecimal digit; -1: none. */
const HEX = Int8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
)

export interface ChunkedBody {
  /**
   * Returns the bytes that follow the body once it is whole; undefined before that; a string says what is wrong. The
   * bytes before them are overwritten.
   */
  push(bytes: Buffer): Buffer | string | undefined
}

/** `data` gets views that are valid during the call only, and at most one for each `push`. */
export function createChunkedBody(data: (piece: Buffer) => void): ChunkedBody {
  return new Chunks(data)
}

class Chunks implements ChunkedBody {
  readonly #data: (piece: Buffer) => void
  #expects: 'size' | 'data' | 'end_of_data' | 'trailer' = 'size'
  /** Bytes of the chunk that have not come yet. */
  #left = 0
  /** The part of a line that has come so far. */
  #line = ''
  /** Where the data begins in the bytes that are being read. */
  #from = 0
  #to = 0
  #trailerBytes = 0

  constructor(data: (piece: Buffer) => void) {
    this.#data = data
  }

  push(bytes: Buffer): Buffer | string | undefined {
    this.#from = 0
    this.#to = 0
    const rest = this.#read(bytes)
    if (this.#to > this.#from) this.#data(bytes.subarray(this.#from, this.#to))
    return rest
  }

  #read(bytes: Buffer): Buffer | string | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#expects === 'data') {
        at = this.#takeData(bytes, at)
        continue
      }
      const after = this.#line === '' ? this.#plainLine(bytes, at) : 0
      if (after > 0) {
        at = after
        continue
      }
      const stop = bytes.indexOf(LINE_FEED, at) + 1 || bytes.length
      const read = this.#takeLine(bytes.toString('latin1', at, stop))
      at = stop
      if (typeof read === 'string') return read
      if (read) return bytes.subarray(at)
    }
    return undefined
  }

  /** True at the end of the body; a string says what is wrong. */
  #takeLine(text: string): boolean | string {
    this.#line += text
    if (this.#line.length > MAX_LINE_BYTES) return 'a line between chunks is too long'
    return text.endsWith('\n') && this.#readLine()
  }

  /** The index after it. */
  #takeData(bytes: Buffer, at: number): number {
    const end = Math.min(at + this.#left, bytes.length)
    this.#left -= end - at
    if (this.#to === 0) {
      this.#from = at
      this.#to = end
    } else {
      bytes.copyWithin(this.#to, at, end)
      this.#to += end - at
    }
    if (this.#left === 0) this.#expects = 'end_of_data'
    return end
  }

  /** The index after a whole line of the usual form, which is read; 0 where it is not one. */
  #plainLine(bytes: Buffer, at: number): number {
    let end = at
    if (this.#expects === 'size') end = this.#plainSize(bytes, at)
    else if (this.#expects === 'trailer') return 0
    if (end < 0 || bytes[end] !== CR || bytes[end + 1] !== LINE_FEED) return 0
    if (this.#expects === 'end_of_data') this.#expects = 'size'
    else this.#expectChunk()
    return end + 2
  }

  /** The index after a few hexadecimal digits, whose value is in `#left`; -1 where there are none. */
  #plainSize(bytes: Buffer, at: number): number {
    let size = 0
    let end = at
    while (end < at + PLAIN_DIGITS) {
      const digit = HEX[bytes[end] ?? 0] as number
      if (digit < 0) break
      size = size * 16 + digit
      end += 1
    }
    this.#left = size
    return end > at ? end : -1
  }

  #expectChunk(): void {
    this.#expects = this.#left === 0 ? 'trailer' : 'data'
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
    this.#expectChunk()
    return false
  }
}
