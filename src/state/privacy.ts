// Hides what is written to a store that others may read, and checks what is read from it. Whoever has the store but not
// the key learns no name from it, and can write nothing that is believed. Each use has a key of its own, derived from
// `session_key`.
import { createKeyedDigest } from '../lib/keyed-digest.ts'
import { createSeal } from '../lib/seal.ts'

export interface Privacy {
  /** Returns a digest that is the same for the same text in every gateway with this key. */
  digest(text: string): string
  /** Returns the digest of a text that comes again and again, such as a caller; it is remembered. */
  name(text: string): string
  /** @param place the key under which it is stored, so that it cannot be moved to another place */
  seal(text: string, place: string): string
  /** Returns undefined when the text was not sealed with this key for this place. */
  open(sealed: string, place: string): string | undefined
}

/** 20 of the digest's 32 bytes are enough: nobody finds two texts with the same. */
const DIGEST_BYTES = 20
/** How many names are kept with their digests. */
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

/** Hides nothing, for a store that only processes of this gateway can reach. */
export const UNHIDDEN: Privacy = {
  digest: (text) => text,
  name: (text) => text,
  seal: (text) => text,
  open: (text) => text,
}
