// Reads and replaces the data of one server-sent event that comes in parts (events.ts), while it passes; none of it is
// kept. Other lines stay byte for byte.
import { hasByteOrderMark } from './scan.ts'

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const LINE_END = Buffer.from([LF])
const DATA = 'data'
const NOTHING = Buffer.alloc(0)

/** Gets each piece of the data and returns what replaces it; undefined when it must not go on. */
export type ReplaceData = (data: Buffer) => Buffer | undefined

export class PartedEvent {
  readonly #replace: ReplaceData
  readonly #replaceId: ((id: string) => string) | undefined
  #place: 'start' | 'name' | 'value' | 'data' | 'id' | 'other' = 'start'
  #name = ''
  /** The pieces of an id that have come. */
  #id: Buffer[] = []

  /** `replaceId` is undefined where ids stay as they are. */
  constructor(replace: ReplaceData, replaceId: ((id: string) => string) | undefined) {
    this.#replace = replace
    this.#replaceId = replaceId
  }

  /** Returns the part as it may go on; undefined when it must not. */
  push(bytes: Buffer): Buffer | undefined {
    const out: Buffer[] = []
    let at = this.#place === 'start' ? this.#begin(bytes) : 0
    out.push(bytes.subarray(0, at))
    while (at < bytes.length) {
      const place = this.#place
      const to = place === 'data' || place === 'id' ? lineEnd(bytes, at) : this.#passOver(bytes, at)
      const shown = this.#shown(place, bytes.subarray(at, to))
      const last = isLineEnd(bytes[to]) ? this.#endLine() : NOTHING
      if (shown === undefined || last === undefined) return undefined
      at = isLineEnd(bytes[to]) ? to + 1 : to
      out.push(shown, last, bytes.subarray(to, at))
    }
    return Buffer.concat(out)
  }

  #shown(place: string, run: Buffer): Buffer | undefined {
    if (place === 'data' && run.length > 0) return this.#replace(run)
    if (place !== 'id') return run
    this.#id.push(run)
    return NOTHING
  }

  /**
   * L04: a line counts as data when it is data to a client that strips the mark. The first part is longer than a mark.
   */
  #begin(bytes: Buffer): number {
    this.#place = 'name'
    return hasByteOrderMark(bytes) ? 3 : 0
  }

  /** Joins lines of data with line feeds. Bytes that were held back go on before the line ends. */
  #endLine(): Buffer | undefined {
    const id = this.#place === 'id' ? this.#takeId() : ''
    const shown = this.#place === 'data' ? this.#replace(LINE_END) : Buffer.from(`${id}\n`)
    this.#place = 'name'
    this.#name = ''
    return shown?.subarray(0, Math.max(0, shown.length - 1))
  }

  #isId(): boolean {
    return this.#replaceId !== undefined && this.#name === 'id'
  }

  #takeId(): string {
    const id = Buffer.concat(this.#id.splice(0)).toString('utf8')
    return id === '' ? '' : (this.#replaceId?.(id) ?? id)
  }

  /**
   * Returns the index after bytes that are neither data nor an id: at the next data or id, at the end of the line, or
   * at the end of the bytes.
   */
  #passOver(bytes: Buffer, from: number): number {
    let at = from
    while (this.#place === 'name' && at < bytes.length && !isLineEnd(bytes[at])) {
      this.#takeName(bytes[at] as number)
      at += 1
    }
    if (this.#place === 'value' && at < bytes.length) {
      this.#place = this.#name === DATA ? 'data' : 'id'
      return bytes[at] === SPACE ? at + 1 : at
    }
    return this.#place === 'other' ? lineEnd(bytes, at) : at
  }

  #takeName(byte: number): void {
    if (byte === COLON) this.#place = this.#name === DATA || this.#isId() ? 'value' : 'other'
    else if (this.#name.length <= DATA.length) this.#name += String.fromCharCode(byte)
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
