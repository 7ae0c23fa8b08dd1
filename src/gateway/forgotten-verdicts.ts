// What other gateways found out about tokens: their kept verdicts are forgotten here too, by route.
import type { FeedListener } from '../core/shared-state.ts'
import type { Route } from '../exchange/route.ts'

export function forgottenVerdicts(routes: readonly Route[]): FeedListener {
  return {
    heard({ route, digest }) {
      routes.find(({ name }) => name === route)?.verifier.forgetDigest(digest)
    },
    lost() {
      for (const { verifier } of routes) verifier.forgetAll()
    },
  }
}
