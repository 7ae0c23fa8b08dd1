// Watches an answer that passes without being kept: whether it belongs to the request, whether it holds a list that was
// not asked for, how the call ended, and which task it created.
import type { EnvelopeHandler, PassingEnvelope } from '../mcp/envelope-reader.ts'
import type { OpenRequests } from '../mcp/open-requests.ts'
import { UPDATED } from '../mcp/subscriptions.ts'
import type { CreatedTask } from '../mcp/tasks.ts'
import type { RequestRecord } from '../observe/request-record.ts'

/** Details of a refusal, for the audit. */
export const NO_ANSWER = 'no answer to the request'
export const FOREIGN = 'an answer to another request'
export const UNASKED_LIST = 'a list that was not asked for'
export const STRAY_UPDATE = 'an update of a resource where it cannot be judged'
export const NOT_WHOLE = 'an answer that is not whole'

export type AnswerFault = typeof NO_ANSWER | typeof FOREIGN | typeof UNASKED_LIST | typeof STRAY_UPDATE

export interface AnswerWatchOptions {
  /** Undefined on a stream that may answer other requests. */
  readonly open: OpenRequests | undefined
  readonly record: RequestRecord
  /** Whether this caller may see every list. */
  readonly showsAll: boolean
  /** Nothing more may come on the connection. */
  readonly retire: () => void
  readonly onTask: (task: CreatedTask) => void
  /** Its result only asks for input. */
  readonly onInput: () => void
}

export class AnswerWatch implements EnvelopeHandler {
  readonly #options: AnswerWatchOptions
  /** Whether an answer was in it. */
  answered = false
  /** Why it must not go on, when it must not. */
  fault: AnswerFault = NO_ANSWER

  constructor(options: AnswerWatchOptions) {
    this.#options = options
  }

  begins(id: string): boolean {
    const { open } = this.#options
    const isAwaited = open === undefined || open.awaits(id)
    if (!isAwaited) this.fault = FOREIGN
    return isAwaited
  }

  /** Its URI is not known yet. In JSON only answers belong, and no URI is as large as an event that is watched here. */
  names(method: string): boolean {
    if (method !== UPDATED) return true
    this.fault = STRAY_UPDATE
    return false
  }

  lists(): boolean {
    this.fault = UNASKED_LIST
    return this.#options.showsAll
  }

  ends(envelope: PassingEnvelope): boolean {
    const { open, record, retire, onTask, onInput } = this.#options
    this.fault = FOREIGN
    const belonging = open?.take(envelope) ?? 'other'
    if (belonging === 'other') return true
    this.answered = true
    if (belonging === 'unidentified') retire()
    record.rpc = envelope.error ? 'error' : envelope.toolFailed ? 'tool_error' : 'result'
    const { id, taskId } = envelope
    if (belonging === 'answer' && id !== undefined && taskId !== undefined) onTask({ id, taskId })
    if (belonging === 'answer' && envelope.asksInput) onInput()
    return belonging !== 'foreign'
  }
}
