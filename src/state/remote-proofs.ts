// Proofs that several gateways take once. While the store is away none is taken. A store that was restarted, flushed or
// replaced may have forgotten proofs that could still be shown, and clocks of callers differ; so for as long as such a
// proof lives, one counts only with a nonce that nobody knew before that moment (RFC 9449 §9).
import { type Keeping, UNAVAILABLE, type UsedProofs } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

/** Nonces that were required lately; a store has one for each part that began at another time. */
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
