// Remembers in the browser that its last sign-in did not work, or was the wrong person's. The page says so, and a
// provider is then asked to offer other accounts. What is said is ours (G3); why it failed is for the audit.
import type { FormProblem } from '../pages/parts.ts'
import type { PlainTextKey } from '../pages/texts/locale.ts'
import type { SignInRefusal } from './provider.ts'

/** In the browser's cookie, sealed. */
export interface AnotherAccount {
  /** The visit that it belongs to; undefined: the next one. */
  readonly back: string | undefined
  readonly said: keyof typeof SAID | undefined
}

export const ANOTHER_ACCOUNT_SECONDS = 10 * 60

const SAID = {
  stopped: 'providerStopped',
  not_allowed: 'accountNotAllowed',
  unreachable: 'providerSilentLater',
  refused: 'notSignedInThisWay',
} as const satisfies Readonly<Record<string, PlainTextKey>>

export function refusalSaid({ why, detail, subject }: SignInRefusal): keyof typeof SAID {
  if (why === 'unreachable') return 'unreachable'
  if (subject !== undefined) return 'not_allowed'
  return detail === 'access_denied' ? 'stopped' : 'refused'
}

/** What the page says, which is a page like any other: the refusal was told where it happened. */
export function anotherAccountProblem({ said }: AnotherAccount): FormProblem | undefined {
  return said && { text: SAID[said] }
}
