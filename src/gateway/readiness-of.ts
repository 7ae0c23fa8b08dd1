// What `/readyz` says about one process.
import type { ConfigurationStatus, Readiness } from '../core/readiness.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { Audit } from '../observe/audit.ts'
import type { Generation } from './generation.ts'

export interface ReadinessParts {
  readonly generation: Generation
  readonly configuration: ConfigurationStatus
  readonly audit: Audit
  readonly state: SharedState
}

export function readinessOf({ generation, configuration, audit, state: shared }: ReadinessParts): Readiness {
  const routes = generation.status()
  const providers = generation.signInStatus()
  const state = shared.status?.()
  return {
    ready: generation.isReady(),
    configuration,
    ...(generation.isDraining() ? { draining: true as const } : {}),
    generation: generation.number,
    routes,
    ...(providers.length > 0 ? { sign_in: providers } : {}),
    ...(state ? { state } : {}),
    audit: { failures: audit.failures },
  }
}
