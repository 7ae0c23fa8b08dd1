// What a person chose as their new password, twice: what is wrong with it, as the page says it.
import type { FormProblem } from '../pages/parts.ts'
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, passwordFault } from '../sign-in/passwords.ts'

/** Undefined where nothing is. */
export function newPasswordProblem(fields: URLSearchParams): FormProblem | undefined {
  const wanted = fields.get('new') ?? ''
  if (wanted !== fields.get('repeated')) return { text: 'passwordsDiffer', field: 'repeated' }
  switch (passwordFault(wanted)) {
    case 'short':
      return {
        text: (locale) => locale.text('passwordTooShort', { count: String(MIN_PASSWORD_CHARS) }),
        field: 'new',
      }
    case 'long':
      return {
        text: (locale) => locale.text('passwordTooLong', { count: String(MAX_PASSWORD_BYTES) }),
        field: 'new',
      }
    default:
      return undefined
  }
}
