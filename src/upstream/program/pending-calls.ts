// The requests that a program has not answered, by the numbers under which it knows them. Ids and progress tokens of clients
// stay on this side, so those of two clients never meet.
import type { LineMessage } from '../../core/line-message.ts'
import type { Refusal } from '../../core/refusal.ts'

export interface PendingCall {
  /** Its number is the id in it. */
  response(message: LineMessage): void
  /** A notification that belongs to it. */
  aside(message: LineMessage): void
  /** It will not be answered. `words`: for the client. */
  fail(why: Refusal, words: string): void
}

export class PendingCalls {
  readonly #byNumber = new Map<number, PendingCall>()
  #last = 0

  get size(): number {
    return this.#byNumber.size
  }

  /** The number under which the program will know it, also as a progress token. */
  add(call: PendingCall): number {
    this.#last += 1
    this.#byNumber.set(this.#last, call)
    return this.#last
  }

  /** `id`: JSON text of a program. */
  get(id: string | undefined): PendingCall | undefined {
    return id === undefined ? undefined : this.#byNumber.get(numberOf(id))
  }

  /** It is over. */
  take(id: string | undefined): PendingCall | undefined {
    const call = this.get(id)
    if (call !== undefined) this.#byNumber.delete(numberOf(id as string))
    return call
  }

  delete(number: number): boolean {
    return this.#byNumber.delete(number)
  }

  /** The only one; undefined where there are none, or several. */
  only(): PendingCall | undefined {
    const [one, another] = this.#byNumber.values()
    return another === undefined ? one : undefined
  }

  takeAll(): readonly PendingCall[] {
    const all = [...this.#byNumber.values()]
    this.#byNumber.clear()
    return all
  }
}

/** A server may print a number in its own way, or as a string. */
function numberOf(id: string): number {
  const value: unknown = JSON.parse(id)
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN
}
