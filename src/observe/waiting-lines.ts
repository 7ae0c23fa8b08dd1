// Audit lines that wait for a slow disk, in their order. The bytes are bounded, in all and for each caller, so that the
// flood of one caller does not drop the lines of others (D48).
import { createShares, type Shortage, shareOf } from '../core/shares.ts'

/** F17: past it lines are dropped and counted. */
export const MAX_WAITING_BYTES = 32 * 1024 * 1024
/** While fewer bytes wait, owners are not counted. */
const UNCOUNTED_BYTES = 1024 * 1024
/** How many bytes go to the disk at one time. */
const WRITE_BYTES = 1024 * 1024

export interface WaitingLines {
  /** Why the line does not wait; undefined when it does. `owner` is asked only when many wait. */
  add(line: string, owner: () => string): Shortage | undefined
  /** The oldest lines; none when none wait. */
  take(): string[]
  readonly bytes: number
  readonly count: number
}

export function createWaitingLines(sharePerCaller: number, maxBytes: number): WaitingLines {
  const shares = createShares({
    size: maxBytes - UNCOUNTED_BYTES,
    share: shareOf(maxBytes, sharePerCaller),
  })
  const lines: string[] = []
  const owners: (string | undefined)[] = []
  let bytes = 0
  return {
    add(line, owner) {
      const counted = bytes >= UNCOUNTED_BYTES ? owner() : undefined
      const shortage = counted === undefined ? undefined : shares.take(counted, line.length)
      if (shortage !== undefined) return shortage
      lines.push(line)
      owners.push(counted)
      bytes += line.length
      return undefined
    },
    take() {
      let count = 0
      let taken = 0
      while (count < lines.length && taken < WRITE_BYTES) {
        const length = (lines[count] as string).length
        const owner = owners[count]
        if (owner !== undefined) shares.give(owner, length)
        taken += length
        count += 1
      }
      bytes -= taken
      owners.splice(0, count)
      return lines.splice(0, count)
    },
    get bytes() {
      return bytes
    },
    get count() {
      return lines.length
    },
  }
}
