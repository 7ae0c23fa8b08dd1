// What `/readyz` says. Values only.
import type { PartStatus } from './route.ts'

export interface Readiness {
  readonly ready: boolean
  readonly generation: number
  readonly routes: readonly { readonly name: string; readonly parts: readonly PartStatus[] }[]
  /** Outside providers; calls with a token go on without them, so they make nothing unready. */
  readonly sign_in?: readonly PartStatus[]
  readonly audit: { readonly failures: number }
}
