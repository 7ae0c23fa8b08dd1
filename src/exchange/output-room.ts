// Collects the bytes of one stream that go on, for one write. A busy stream uses one buffer again and again, since a
// fresh one for each write costs more than the copy. Each stream has its own, so it can never hold bytes of another
// caller. A quiet stream keeps none.
import { withRoom } from '../core/bytes.ts'

/** A smaller write gets a buffer of its own size. */
const KEPT_FROM_BYTES = 16_384
/** The size of a usual read from an upstream, with the kept part of an event before it. */
const USUAL_BYTES = 73_728

const NOTHING = Buffer.alloc(0)

export class OutputRoom {
  #bytes: Buffer = NOTHING
  #used = 0
  #expected = 0
  /** A free buffer, for the next write. */
  #spare: Buffer | undefined

  /** Says about how many bytes the next write will have. */
  expect(bytes: number): void {
    this.#expected = bytes
  }

  append(bytes: Buffer): void {
    if (this.#used === 0) this.#bytes = this.#roomFor(Math.max(bytes.length, this.#expected))
    this.#bytes = withRoom(this.#bytes, this.#used, bytes.length)
    this.#used += bytes.copy(this.#bytes, this.#used)
  }

  /** Returns the collected bytes. They belong to the writer until it gives them back. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#used)
    this.#bytes = NOTHING
    this.#used = 0
    return taken
  }

  /** Called when the bytes were written. */
  giveBack(taken: Buffer): void {
    this.#spare = taken.length < KEPT_FROM_BYTES ? undefined : Buffer.from(taken.buffer, taken.byteOffset)
  }

  /** Frees the buffer, when nothing has been written for a while. */
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
