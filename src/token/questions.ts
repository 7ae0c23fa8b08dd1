// Questions about tokens to one source: bounded in number, and suspended while the source does not answer. What is
// asked, and what the answer means, is the business of whoever puts the question.
import type { Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import { createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { Loaded } from './kept.ts'
import { unreachable } from './reject.ts'

/** An answer; or why there is none, and when to ask again if the source said so. */
export type Told<T> = Loaded<T> & { readonly retryAfterSeconds?: number | undefined }

export interface Questions {
  /** `issuer_unreachable` when there is no answer: that says nothing about the token. */
  put<T>(ask: () => Promise<Told<T>>): Promise<Result<T>>
  /** False while the source is left alone because it keeps failing, or asked for it. */
  isUsable(): boolean
  ageMs(): number | undefined
  lastError(): string | undefined
}

/** I21: garbage tokens must not become a flood at the issuer. */
const MAX_QUESTIONS = 64

/** @param issuer its name in the file */
export function createQuestions(issuer: string, clock: Clock): Questions {
  const breaker = createBreaker(clock)
  let questions = 0
  let lastError: string | undefined

  const settle = <T>(told: Told<T>): Result<T> => {
    if (told.ok) {
      breaker.succeeded()
      lastError = undefined
      return ok(told.value)
    }
    breaker.failed(told.retryAfterSeconds)
    lastError = told.why
    return unreachable(issuer, told.why, told.retryAfterSeconds)
  }

  return {
    async put(ask) {
      if (questions >= MAX_QUESTIONS) return unreachable(issuer, 'too many questions at once', 1)
      const waitSeconds = breaker.waitSeconds()
      if (waitSeconds > 0) return unreachable(issuer, lastError ?? 'it asked us to wait', waitSeconds)
      questions += 1
      try {
        return settle(await ask())
      } finally {
        questions -= 1
      }
    },
    isUsable: () => !breaker.isOpen(),
    ageMs: breaker.ageMs,
    lastError: () => lastError,
  }
}
