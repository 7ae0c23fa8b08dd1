// What the gateway knows about an upstream from the requests that it sent. It never probes, so a failure counts only
// for a while: otherwise a gateway that is not ready would get no requests, and never be ready again.
import type { Refusal } from '../core/refusal.ts'
import type { PartStatus } from '../core/route.ts'

const UNREADY_MS = 10_000

export interface Health {
  succeeded(): void
  failed(refusal: Refusal): void
  isReady(): boolean
  status(): PartStatus
}

/** @param now returns milliseconds of a clock that never goes back */
export function createHealth(name: string, now: () => number): Health {
  let succeededAt: number | undefined
  let failure: { readonly at: number; readonly error: string } | undefined
  const isReady = () => failure === undefined || now() - failure.at >= UNREADY_MS
  return {
    isReady,
    succeeded() {
      succeededAt = now()
      failure = undefined
    },
    failed(refusal) {
      const detail = 'detail' in refusal ? ` (${refusal.detail})` : ''
      failure = { at: now(), error: `${refusal.reason}${detail}` }
    },
    status: () => ({
      name,
      ready: isReady(),
      ageMs: succeededAt === undefined ? undefined : now() - succeededAt,
      lastError: failure?.error,
    }),
  }
}
