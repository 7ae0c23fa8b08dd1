// The policy of a route as the gateway serves it before it has seen a list: its rules, the annotations of its manifest,
// and the items that the manifest withholds.
import type { RouteSettings, Settings } from '../../core/settings.ts'
import { openManifest } from '../../manifest/open.ts'
import { createLastListings, type Pin } from '../../manifest/pin.ts'
import { type CompiledPolicy, compilePolicy, policyOptions } from '../../policy/compile.ts'

export interface OpenPolicy {
  readonly policy: CompiledPolicy
  /** Undefined when nothing is withheld. */
  readonly pin: Pin | undefined
}

/** Throws when the manifest cannot be used, which the checks of the file have found before. */
export function openPolicy(settings: Settings, route: RouteSettings): OpenPolicy {
  const options = policyOptions(settings, route)
  if (route.manifest === undefined) return { policy: compilePolicy(options), pin: undefined }
  const { annotations, pin } = openManifest(route.manifest, createLastListings(), () => undefined)
  return { policy: compilePolicy({ ...options, annotations }), pin }
}
