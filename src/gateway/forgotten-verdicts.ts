// Forgets the kept verdicts on tokens that another gateway has found to be no longer good, by route.
import type { FeedListener } from '../core/shared-state.ts'
import type { Route } from '../exchange/route.ts'

export function forgottenVerdicts(routes: readonly Route[]): FeedListener {
  const byName = new Map(routes.map((route) => [route.name, route]))
  return {
    heard(event) {
      if (event.kind === 'verdict_forgotten') byName.get(event.route)?.verifier.forgetDigest(event.digest)
    },
    lost() {
      for (const { verifier } of routes) verifier.forgetAll()
    },
  }
}
