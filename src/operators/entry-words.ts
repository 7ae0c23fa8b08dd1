// Words that open the console once: printed at the terminal where the gateway was started, so whoever has one sits
// there. Only digests are kept.
import { hash } from 'node:crypto'
import { randomWord } from './sessions.ts'

const ENTRY_MS = 10 * 60_000
/** That nobody used yet; the oldest goes. */
const MAX_ENTRY_WORDS = 16

export interface EntryWords {
  make(): string
  /** Whether the word was good; it is not a second time. */
  spend(word: string): boolean
}

/** @param monotonic returns milliseconds of a clock that is never set back */
export function createEntryWords(monotonic: () => number = () => performance.now()): EntryWords {
  const endsAt = new Map<string, number>()
  return {
    make() {
      const word = randomWord()
      const [oldest] = endsAt.keys()
      if (endsAt.size >= MAX_ENTRY_WORDS && oldest !== undefined) endsAt.delete(oldest)
      endsAt.set(hash('sha256', word), monotonic() + ENTRY_MS)
      return word
    },
    spend(word) {
      const key = hash('sha256', word)
      const goodUntil = endsAt.get(key)
      endsAt.delete(key)
      return goodUntil !== undefined && monotonic() < goodUntil
    },
  }
}
