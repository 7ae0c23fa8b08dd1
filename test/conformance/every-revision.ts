// Rules that hold in every revision of Streamable HTTP: tokens, forwarding, scopes and lists. Each revision's test
// runs them.
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { describeForwarding } from './every-forwarding.ts'
import { describeScopes } from './every-scopes.ts'
import { describeTokens } from './every-tokens.ts'
import type { Revision } from './revision.ts'
import { openScene, type Scene } from './scene.ts'

export function describeEveryRevision(revision: Revision): void {
  describe(`${revision.version}: tokens, forwarding, scopes`, () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene()
    })
    afterAll(() => scene.gateway.close())
    beforeEach(() => scene.reset())
    describeTokens(revision, () => scene)
    describeForwarding(revision, () => scene)
    describeScopes(revision, () => scene)
  })
}
