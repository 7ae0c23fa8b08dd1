// Says in the process log that a part which calls need is down, and that it is back: an issuer, an upstream, a policy that
// is elsewhere, a provider for sign-in. One line for each change, however many routes and calls it concerns.
import type { PartStatus } from '../core/route.ts'
import type { Logger } from '../observe/log.ts'
import type { Generation } from './generation.ts'

/** Shorter than a failure of an upstream counts (upstream/health.ts). */
const LOOK_MS = 5_000

export interface PartChangesOptions {
  readonly generation: () => Pick<Generation, 'status' | 'signInStatus'>
  readonly log: Logger
}

/** Looks at the parts until it is closed. */
export function watchParts(options: PartChangesOptions): { close(): void } {
  const tell = createPartChanges(options)
  const timer = setInterval(tell, LOOK_MS).unref()
  return { close: () => clearInterval(timer) }
}

/** Returns what looks once. */
export function createPartChanges({ generation, log }: PartChangesOptions): () => void {
  /** When each part that is down was first seen so: milliseconds of `performance.now()`. */
  const down = new Map<string, number>()
  const look = ({ name, ready, lastError }: PartStatus) => {
    const since = down.get(name)
    if (since === undefined && !ready && lastError !== undefined) {
      down.set(name, performance.now())
      log.warn({ event: 'part_down', part: name, error: lastError }, 'a part does not answer')
    } else if (since !== undefined && ready && lastError === undefined) {
      down.delete(name)
      const seconds = Math.round((performance.now() - since) / 1_000)
      log.info({ event: 'part_up', part: name, seconds }, 'a part answers again')
    }
  }
  return () => {
    const now = generation()
    const parts = new Map<string, PartStatus>()
    for (const part of [...now.status().flatMap((route) => route.parts), ...now.signInStatus()])
      parts.set(part.name, part)
    for (const name of down.keys()) if (!parts.has(name)) down.delete(name) // a reload took it away
    for (const part of parts.values()) look(part)
  }
}
