// What a page says where a password was not taken, and with which status.
import type { FormProblem } from '../pages/parts.ts'
import type { PlainTextKey } from '../pages/texts/locale.ts'
import type { PasswordRefusal } from './local.ts'

export interface RefusedForm {
  readonly problem: FormProblem
  readonly status: number
}

const BUSY: FormProblem = { text: 'tooManySigningIn' }

/** @param field the input that it is about */
export function passwordRefusal(refusal: PasswordRefusal, wrong: PlainTextKey, field: string): RefusedForm {
  switch (refusal.outcome) {
    case 'wrong':
      return { problem: { text: wrong, field }, status: 401 }
    case 'busy':
      return { problem: BUSY, status: 503 }
    case 'locked':
      return { problem: lockedProblem(refusal.waitMs, field), status: 429 }
  }
}

function lockedProblem(waitMs: number, field: string): FormProblem {
  const seconds = Math.ceil(waitMs / 1_000)
  return { text: (locale) => locale.text('tooManyTries', { wait: locale.duration(seconds) }), field }
}
