// Watches an answer that goes on without being kept: whether it belongs to the request, whether it holds a list that
// was not asked for, how the call ended, and which task it created.
import type { EnvelopeHandler, PassingEnvelope } from '../mcp/envelope-reader.ts'
import { UPDATED } from '../mcp/subscriptions.ts'
import { type AwaitedAnswer, returnCalls } from './awaited-answer.ts'
import { rememberTask } from './tasks.ts'

/** Reasons for a refusal, for the audit. */
export const NO_ANSWER = 'no answer to the request'
export const FOREIGN = 'an answer to another request'
export const UNASKED_LIST = 'a list that was not asked for'
export const STRAY_UPDATE = 'an update of a resource where it cannot be judged'
export const NOT_WHOLE = 'an answer that is not whole'

export type AnswerFault = typeof NO_ANSWER | typeof FOREIGN | typeof UNASKED_LIST | typeof STRAY_UPDATE

export class AnswerWatch implements EnvelopeHandler {
  readonly #answer: AwaitedAnswer
  /** Whether the body held an answer. */
  answered = false
  /** Why the body must not go on; looked at only where it must not. */
  fault: AnswerFault = NO_ANSWER

  constructor(answer: AwaitedAnswer) {
    this.#answer = answer
  }

  begins(id: string): boolean {
    const { open } = this.#answer
    const isAwaited = open === undefined || open.awaits(id)
    if (!isAwaited) this.fault = FOREIGN
    return isAwaited
  }

  /**
   * Refuses an update, whose URI is not known yet. A JSON body may hold answers only, and an event of the size that is
   * watched here is too large for an update of any URI that policy takes.
   */
  names(method: string): boolean {
    if (method !== UPDATED) return true
    this.fault = STRAY_UPDATE
    return false
  }

  lists(): boolean {
    this.fault = UNASKED_LIST
    return this.#answer.call.endpoint.route.policy.showsAll
  }

  ends(envelope: PassingEnvelope): boolean {
    const { call, open, retire } = this.#answer
    this.fault = FOREIGN
    const belonging = open?.take(envelope) ?? 'other'
    if (belonging === 'other') return true
    this.answered = true
    if (belonging === 'unidentified') retire()
    call.record.rpc = envelope.error ? 'error' : envelope.toolFailed ? 'tool_error' : 'result'
    const { id, taskId } = envelope
    if (belonging === 'answer' && id !== undefined && taskId !== undefined) rememberTask(call, { id, taskId })
    if (belonging === 'answer' && envelope.asksInput) returnCalls(call)
    return belonging !== 'foreign'
  }
}
