// Challenges of passkeys (PK-02, WebAuthn Level 3 §13.4.3). Each is sealed for one form in one browser and for some minutes, so that
// nothing is kept of those that are only begun; a used one is noted, and counts for nothing again.
import { createSeal } from '../../lib/seal.ts'
import type { SingleUses } from '../store/single-use.ts'
import type { Store } from '../store/store.ts'

export const CHALLENGE_SECONDS = 10 * 60

interface Sealed {
  readonly userHandle: string
  /** Epoch milliseconds. */
  readonly until: number
}

export interface OpenedChallenge extends Sealed {
  readonly challenge: string
}

export interface PasskeyChallenges {
  /** @param form the token of the form that it is for; @param userHandle of the passkey to be made; empty for a sign-in */
  make(form: string, userHandle: string): string
  /** Undefined when it is not ours, for another form or browser, or over. */
  open(form: string, challenge: string): OpenedChallenge | undefined
  /** Whether it is used for the first time. Call it in the transaction in which what it proves is done. */
  use(within: { readonly singleUses: SingleUses }, opened: OpenedChallenge): Promise<boolean>
}

export function createPasskeyChallenges({
  secret,
  clock,
}: Pick<Store, 'secret' | 'clock'>): PasskeyChallenges {
  const seal = createSeal(secret, 'passkey challenge')
  return {
    make(form, userHandle) {
      const sealed: Sealed = { userHandle, until: clock.now() + CHALLENGE_SECONDS * 1_000 }
      return seal.seal(JSON.stringify(sealed), form).toString('base64url')
    },
    open(form, challenge) {
      const text = seal.open(Buffer.from(challenge, 'base64url'), form)
      if (text === undefined) return undefined
      const sealed = JSON.parse(text) as Sealed // we wrote it: the tag held
      return sealed.until > clock.now() ? { ...sealed, challenge } : undefined
    },
    async use({ singleUses }, { challenge, until }) {
      return (await singleUses.use('used passkey challenge', challenge, until)) === 'first'
    },
  }
}
