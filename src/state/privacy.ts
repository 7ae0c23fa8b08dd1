// What stands in a store that others may read, and what is read from it. Whoever has the store and not the key learns no
// name from it, and can put in nothing that is believed. Each use has a key of its own, derived from `session_key`.
import { createKeyedDigest } from '../lib/keyed-digest.ts'
import { createSeal } from '../lib/seal.ts'

export interface Privacy {
  /** The same for the same text in every gateway with this key. */
  digest(text: string): string
  /** The digest of what comes again and again: of a caller. */
  name(text: string): string
  /** @param place where it stands, so that nothing can be put in place of another */
  seal(text: string, place: string): string
  /** Undefined when it was not sealed with this key for this place. */
  open(sealed: string, place: string): string | undefined
}

/** Of 256: nobody finds two texts with one digest. */
const DIGEST_BYTES = 20
/** Names that are kept with their digests. */
const MAX_NAMES = 10_000

export function createPrivacy(sessionKey: Uint8Array): Privacy {
  const hide = createKeyedDigest(sessionKey, 'shared state name')
  const seal = createSeal(sessionKey, 'shared state value')
  const known = new Map<string, string>()
  const digestOf = (text: string) => hide(text).toString('base64url', 0, DIGEST_BYTES)
  return {
    digest: digestOf,
    name(text) {
      const kept = known.get(text)
      if (kept !== undefined) return kept
      if (known.size >= MAX_NAMES) known.clear()
      const fresh = digestOf(text)
      known.set(text, fresh)
      return fresh
    },
    seal: (text, place) => seal.seal(text, place).toString('base64url'),
    open: (sealed, place) => seal.open(Buffer.from(sealed, 'base64url'), place),
  }
}

/** For a store that nobody but processes of this gateway can reach. */
export const UNHIDDEN: Privacy = {
  digest: (text) => text,
  name: (text) => text,
  seal: (text) => text,
  open: (text) => text,
}
