// Where the bytes of one stream that go on are put together for one write. A busy stream uses one buffer again and
// again, since a fresh one for each write costs more than the copy; it is its own, so that no bytes of another caller
// can ever be in it. A quiet stream keeps none.
import { withRoom } from '../core/bytes.ts'

/** Smaller writes have a buffer of their size. */
const KEPT_FROM_BYTES = 16_384
/** A usual read from an upstream, and what was kept of an event before it. */
const USUAL_BYTES = 73_728

const NOTHING = Buffer.alloc(0)

export class OutputRoom {
  #bytes: Buffer = NOTHING
  #used = 0
  #expected = 0
  /** A buffer that nobody reads any more. */
  #spare: Buffer | undefined

  /** About how many bytes the next write will have. */
  expect(bytes: number): void {
    this.#expected = bytes
  }

  append(bytes: Buffer): void {
    if (this.#used === 0) this.#bytes = this.#roomFor(Math.max(bytes.length, this.#expected))
    this.#bytes = withRoom(this.#bytes, this.#used, bytes.length)
    this.#used += bytes.copy(this.#bytes, this.#used)
  }

  /** What was put together; it is the writer's until it is given back. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#used)
    this.#bytes = NOTHING
    this.#used = 0
    return taken
  }

  /** The bytes were written. */
  giveBack(taken: Buffer): void {
    this.#spare = taken.length < KEPT_FROM_BYTES ? undefined : Buffer.from(taken.buffer, taken.byteOffset)
  }

  /** Nothing has been written for a while. */
  empty(): void {
    this.#spare = undefined
  }

  #roomFor(bytes: number): Buffer {
    if (bytes < KEPT_FROM_BYTES) return Buffer.allocUnsafe(bytes)
    const spare = this.#spare
    this.#spare = undefined
    if (spare !== undefined && spare.length >= bytes) return spare
    return Buffer.allocUnsafeSlow(Math.max(bytes, USUAL_BYTES))
  }
}
