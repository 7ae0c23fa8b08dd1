// Where answers go in HTTP+SSE (2024-11-05): to the one stream of the session, whichever POST asked.
import type { Refusal } from '../../core/refusal.ts'
import type { CallReply } from './client-call.ts'
import type { ProgramSession } from './program-session.ts'

export class StreamReply implements CallReply {
  readonly #session: ProgramSession

  constructor(session: ProgramSession) {
    this.#session = session
  }

  get isOpen(): boolean {
    return this.#session.isListening
  }

  respond(response: Buffer): void {
    this.#session.sayHere(response)
  }

  aside(message: Buffer): void {
    this.#session.sayHere(message)
  }

  /** Its POST was answered before. */
  fail(_: Refusal, error: Buffer): void {
    this.#session.sayHere(error)
  }
}
