// The data of one server-sent event that comes in parts (events.ts), seen and replaced while it passes: nothing is kept of
// it. The lines between stay byte for byte.
import { hasByteOrderMark } from './scan.ts'

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const LINE_END = Buffer.from([LF])
const DATA = 'data'
const NOTHING = Buffer.alloc(0)

/** Gets what comes of the data, and says what goes on instead; undefined when it must not. */
export type ReplaceData = (data: Buffer) => Buffer | undefined

export class PartedEvent {
  readonly #replace: ReplaceData
  #place: 'start' | 'name' | 'value' | 'data' | 'other' = 'start'
  #name = ''

  constructor(replace: ReplaceData) {
    this.#replace = replace
  }

  /** The part as it goes on; undefined when it must not. */
  push(bytes: Buffer): Buffer | undefined {
    const out: Buffer[] = []
    let at = this.#place === 'start' ? this.#begin(bytes) : 0
    out.push(bytes.subarray(0, at))
    while (at < bytes.length) {
      const isData = this.#place === 'data'
      const to = isData ? lineEnd(bytes, at) : this.#passOver(bytes, at)
      const run = bytes.subarray(at, to)
      const shown = isData && to > at ? this.#replace(run) : run
      const last = isLineEnd(bytes[to]) ? this.#endLine() : NOTHING
      if (shown === undefined || last === undefined) return undefined
      at = isLineEnd(bytes[to]) ? to + 1 : to
      out.push(shown, last, bytes.subarray(to, at))
    }
    return Buffer.concat(out)
  }

  /** L04: what could be data to a client that takes a mark away is data. The first part is longer than a mark. */
  #begin(bytes: Buffer): number {
    this.#place = 'name'
    return hasByteOrderMark(bytes) ? 3 : 0
  }

  /** Lines of data are joined by line feeds. What was withheld until then goes on before the line ends. */
  #endLine(): Buffer | undefined {
    const shown = this.#place === 'data' ? this.#replace(LINE_END) : LINE_END
    this.#place = 'name'
    this.#name = ''
    return shown?.subarray(0, Math.max(0, shown.length - 1))
  }

  /** The index after what is no data: up to data, to the end of the line, or to the end of the bytes. */
  #passOver(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && this.#place === 'name' && !isLineEnd(bytes[at])) {
      if (bytes[at] === COLON) this.#place = this.#name === DATA ? 'value' : 'other'
      else if (this.#name.length <= DATA.length) this.#name += String.fromCharCode(bytes[at] as number)
      at += 1
    }
    if (this.#place === 'value' && at < bytes.length) {
      this.#place = 'data'
      return bytes[at] === SPACE ? at + 1 : at
    }
    return this.#place === 'other' ? lineEnd(bytes, at) : at
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR
}

function lineEnd(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at += 1
  return at
}
