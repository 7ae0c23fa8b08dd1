// Entries of the access log on their way from a worker to its primary, which has the terminal. Over the channel of the
// orders, so that what several workers tell stands in whole lines. A primary that does not read makes them be counted.
import type { AccessEntry } from '../observe/access-entry.ts'
import type { AccessOutput } from '../observe/access-log.ts'

/** What a worker says without being asked. */
export type Told = { readonly told: AccessEntry } | { readonly missed: number }

/** Entries that the channel has not taken. */
const MAX_UNSENT = 200

/** @param send calls `done` when the channel has taken it, or cannot */
export function createAccessRelay(send: (told: Told, done: () => void) => void): AccessOutput {
  let unsent = 0
  let missed = 0
  const sendCounted = (told: Told) => {
    unsent += 1
    send(told, () => {
      unsent -= 1
    })
  }
  return {
    entry(entry) {
      if (unsent >= MAX_UNSENT) missed += 1
      else {
        if (missed > 0) sendCounted({ missed })
        missed = 0
        sendCounted({ told: entry })
      }
    },
    missed(count) {
      missed += count
      if (unsent >= MAX_UNSENT) return
      sendCounted({ missed })
      missed = 0
    },
  }
}

/** True where the message was one of them. */
export function takeTold<M extends object>(
  message: M | Told,
  output: AccessOutput | undefined,
): message is Told {
  if ('told' in message) output?.entry(message.told)
  else if ('missed' in message) output?.missed(message.missed)
  else return false
  return true
}
