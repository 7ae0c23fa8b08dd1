// A real Keycloak with config/keycloak.yaml as it stands, in front of an MCP server: as issuer, as the provider where
// people of the embedded authorization server sign in, and as the issuer of browsers.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { missingHere, VERSION } from './keycloak/install.ts'
import { issuerSteps } from './keycloak/issuer-steps.ts'
import { peopleSteps } from './keycloak/people-steps.ts'
import { createSteps } from './keycloak/steps.ts'
import { tokenSteps } from './keycloak/token-steps.ts'
import { createWorld, type World } from './keycloak/world.ts'

const START_LIMIT_MS = 900_000

const missing = missingHere()
describe.skipIf(missing !== undefined)(`Keycloak ${VERSION}`, () => {
  const steps = createSteps()
  let world: World | undefined
  beforeAll(async () => {
    world = await steps.measure('start of Keycloak, and its realm', createWorld)
  }, START_LIMIT_MS)
  afterAll(async () => {
    steps.print(`Keycloak ${VERSION}`)
    await world?.close()
  })
  const here = () => {
    if (world === undefined) throw new Error('Keycloak did not start')
    return world
  }
  issuerSteps(steps, here)
  peopleSteps(steps, here)
  tokenSteps(steps, here)
})

if (missing !== undefined) it.skip(`Keycloak ${VERSION} needs ${missing}, which is not here`, () => undefined)
