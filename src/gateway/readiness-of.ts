// What `/readyz` says about one process.
import type { Readiness } from '../core/readiness.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { Audit } from '../observe/audit.ts'
import type { Generation } from './generation.ts'

export function readinessOf(generation: Generation, audit: Audit, shared: SharedState): Readiness {
  const routes = generation.status()
  const providers = generation.signInStatus()
  const state = shared.status?.()
  return {
    ready: generation.isReady(),
    ...(generation.isDraining() ? { draining: true as const } : {}),
    generation: generation.number,
    routes,
    ...(providers.length > 0 ? { sign_in: providers } : {}),
    ...(state ? { state } : {}),
    audit: { failures: audit.failures },
  }
}
