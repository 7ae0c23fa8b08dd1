// Texts that are remembered for a while, in bounded memory of this process. An owner over its share loses its own oldest.
import type { TextMemory } from '../core/shared-state.ts'
import { createSharedTable } from '../core/shared-table.ts'
import type { Bounds } from '../core/shares.ts'

/** A text memory in this process, which answers without a promise. */
export interface TextMemoryInMemory extends TextMemory {
  remember(owner: string, key: string, text: string): void
  find(owner: string, key: string): string | undefined
  remove(owner: string, key: string): string | undefined
}

interface RememberedText {
  readonly text: string
  readonly endsAt: number
}

/** @param monotonic returns milliseconds of a clock that is never set back */
export function createTextMemory(
  forMs: number,
  bounds: Bounds,
  monotonic: () => number = () => performance.now(),
): TextMemoryInMemory {
  const texts = createSharedTable<RememberedText>(bounds)
  const keyOf = (owner: string, key: string) => `${key.length}:${key}${owner}`
  const find = (owner: string, key: string) => {
    const found = texts.get(keyOf(owner, key))
    return found !== undefined && monotonic() < found.endsAt ? found.text : undefined
  }
  return {
    remember: (owner, key, text) =>
      texts.set(keyOf(owner, key), owner, { text, endsAt: monotonic() + forMs }),
    find,
    remove(owner, key) {
      const found = find(owner, key)
      texts.delete(keyOf(owner, key))
      return found
    },
  }
}
