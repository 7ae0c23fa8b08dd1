// Used proofs of several gateways: each proof is accepted once. While the store is away none is accepted. A store that
// was restarted, flushed or replaced may have forgotten proofs that can still be replayed, and the clocks of callers
// differ. So for as long as such a proof lives, a proof is accepted only with a nonce that nobody knew before that
// moment (RFC 9449 §9).
import { type Keeping, UNAVAILABLE, type UsedProofs } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

/** How many recently required nonces are kept; a store has one for each of its parts that began at another time. */
const MAX_NONCES = 256

export function createRemoteProofs(
  { commands, privacy }: RemoteParts,
  table: string,
  keeping: Keeping,
): UsedProofs {
  const nonceOf = (since: number) => privacy.digest(`proofs since ${since}`)
  const requiredNonces = new Set<string>()
  const requireNonce = (nonce: string) => {
    requiredNonces.add(nonce)
    if (requiredNonces.size > MAX_NONCES) requiredNonces.delete(requiredNonces.values().next().value ?? nonce)
    return { nonce }
  }
  return {
    async remember(caller, id, made) {
      const owner = privacy.name(caller)
      const used = await commands.use(table, owner, privacy.digest(id), keeping)
      if (used === UNAVAILABLE) return UNAVAILABLE
      if (used.outcome !== 'first') return used.outcome === 'again' ? 'seen' : 'full'
      if (made.at >= used.since + keeping.forMs / 2) return 'new'
      const nonce = nonceOf(used.since)
      return made.nonce === nonce ? 'new' : requireNonce(nonce)
    },
    isFresh: (nonce) => typeof nonce === 'string' && requiredNonces.has(nonce),
  }
}
