// A place where people sign in that knows nothing of browsers, as an issuer elsewhere.
import type { SignInState } from '../../../src/as/web/session-store.ts'

export const ELSEWHERE: SignInState = {
  endedAt: async () => undefined,
  isSignedIn: async () => true,
  noteUse: async () => undefined,
}
