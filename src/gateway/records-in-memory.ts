// Records of one process (core/shared-state.ts): added while there is room, and replaced by who saw them last. Nothing pushes
// one out, so an owner that has its part waits until one of its own has ended.
import type { RecordBounds, SharedRecords } from '../core/shared-state.ts'
import { createShares } from '../core/shares.ts'

/** Records in this process, which answer without a promise. */
export interface RecordsInMemory extends SharedRecords {
  add(owner: string, key: string, text: string): ReturnType<SharedRecords['add']> & string
  find(key: string): string | undefined
  replace(key: string, seen: string, next: string | undefined): boolean
  list(): readonly { readonly key: string; readonly text: string }[]
}

interface HeldRecord {
  readonly owner: string
  readonly endsAt: number
  text: string
}

/** @param monotonic returns milliseconds of a clock that is never set back */
export function createRecordsInMemory(
  { forMs, ...bounds }: RecordBounds,
  monotonic: () => number = () => performance.now(),
): RecordsInMemory {
  const records = new Map<string, HeldRecord>()
  const places = createShares(bounds)
  const drop = (key: string, { owner }: HeldRecord) => {
    records.delete(key)
    places.give(owner)
  }
  /** All last equally long, so the oldest ends first. */
  const dropEnded = () => {
    const now = monotonic()
    for (const [key, record] of records) {
      if (record.endsAt > now) return
      drop(key, record)
    }
  }
  return {
    add(owner, key, text) {
      dropEnded()
      if (records.has(key)) return 'held'
      const shortage = places.take(owner)
      if (shortage !== undefined) return shortage
      records.set(key, { owner, text, endsAt: monotonic() + forMs })
      return 'added'
    },
    find(key) {
      dropEnded()
      return records.get(key)?.text
    },
    replace(key, seen, next) {
      dropEnded()
      const record = records.get(key)
      if (record === undefined || record.text !== seen) return false
      if (next === undefined) drop(key, record)
      else record.text = next
      return true
    },
    list() {
      dropEnded()
      return [...records].map(([key, { text }]) => ({ key, text }))
    },
  }
}
