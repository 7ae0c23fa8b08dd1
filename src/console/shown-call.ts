// A call in the words of the console: what stands in its row, before it is escaped. Texts and numbers only, so that
// another gateway can send it, and what it sends can be checked.
import { outcomeWords } from '../observe/access-entry.ts'
import type { RecentCall } from '../observe/recent-call.ts'
import { refusalWords } from '../observe/refusal-words.ts'

export interface ShownCall {
  readonly id: string
  /** When it ended, in epoch milliseconds. */
  readonly at: number
  readonly durationMs: number
  /** A subject; an address where nobody was proved. */
  readonly who: string
  readonly client: string
  readonly route: string
  readonly method: string
  readonly target: string
  /** Messages of the batch beside the first. */
  readonly others: number
  /** How it went. */
  readonly words: string
  /** Of the refusal, or of what is only observed; empty where there is none. */
  readonly reason: string
  readonly detail: string
  readonly rule: string
  readonly status: number
  readonly isRefused: boolean
  /** The name of another gateway that told of it; empty for this one. */
  readonly gateway: string
}

export function shownCall(call: RecentCall): ShownCall {
  const { id, at, durationMs, client, route, method, target, others, rule, status, refusal, would } = call
  return {
    ...{ id, at, durationMs, client, route, method, target, others, rule, status },
    who: call.subject === '' ? call.address : call.subject,
    words: refusal === undefined ? outcomeWords(call) : refusalWords(refusal),
    reason: (refusal ?? would)?.reason ?? '',
    detail: refusal !== undefined && 'detail' in refusal ? refusal.detail : '',
    isRefused: refusal !== undefined,
    gateway: '',
  }
}
