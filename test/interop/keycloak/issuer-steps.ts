// Keycloak as issuer: registration, sign-in, calls and refresh, with both generations of the official client.
import { describe, expect } from 'vitest'
import { openV1 } from '../../../src/cli/demo/client-v1.ts'
import { openV2 } from '../../../src/cli/demo/client-v2.ts'
import { type Opener, rejection } from '../../../src/cli/demo/session.ts'
import { brokenChecks, examine } from '../../../src/inspect/doctor/examine.ts'
import { type Client, openClient } from '../harness/person-client.ts'
import type { Steps } from './steps.ts'
import type { World } from './world.ts'

const CLIENTS: readonly (readonly [string, Opener])[] = [
  ['client 1.x', openV1],
  ['client 2.x', openV2],
]

export function issuerSteps({ step }: Steps, world: () => World): void {
  step('the gateway starts without a warning', async () => {
    expect(world().gateway.log).toEqual([])
  })
  step('doctor --register finds nothing to mend at Keycloak, and removes its client', async () => {
    const { resource } = world().gateway
    const examined = await examine({ url: resource, token: undefined, register: true, quick: false })
    if (!examined.ok) throw new Error(examined.problem)
    const seen = new Map(examined.value.map((one) => [one.id, one]))
    expect(seen.get('DCR-01')).toMatchObject({ state: 'kept', seen: 'removed again' })
    expect(seen.get('META-05')).toMatchObject({ state: 'kept' })
    expect(brokenChecks(examined.value).filter(({ state }) => state === 'violated')).toEqual([])
  })
  describe.each(CLIENTS)('%s', (name, open) => {
    let client: Client

    step(`${name}: registers with the scopes of the first 401; a person signs in and agrees`, async () => {
      await world().gateway.reload()
      client = await openClient(world().gateway.resource, open)
      await client.session.signIn()
      const seen = client.wire.take()
      expect(seen.find(({ path }) => path.endsWith('/clients-registrations/openid-connect'))?.status).toBe(
        201,
      )
      expect(client.login.granted.split(' ')).toEqual(expect.arrayContaining(['notes:read', 'notes:write']))
      expect([client.login.claims()['aud']].flat()).toContain(world().gateway.resource)
    })
    step(`${name}: lists and calls`, async () => {
      expect(await client.session.toolNames()).toEqual(expect.arrayContaining(['list_notes', 'add_note']))
      expect(await client.session.call('list_notes', {})).toBe('no notes')
      expect(await client.session.call('add_note', {})).toBe('added')
    })
    step(`${name}: refreshes`, async () => {
      client.login.spoilAccessToken()
      client.wire.take()
      expect(await client.session.call('list_notes', {})).toBe('no notes')
      const token = client.wire.take().filter(({ path }) => path.endsWith('/token'))
      expect(token.map(({ status }) => status)).toEqual([200])
      await client.session.close()
    })
    step(`${name}: without scopes_supported the step-up is refused by Keycloak`, async () => {
      const { gateway } = world()
      await gateway.reload([['    scopes_supported: [notes:write]\n', '']])
      client = await openClient(gateway.resource, open)
      await client.session.signIn()
      expect(client.login.granted).not.toContain('notes:write')
      const { refresh_token: _, ...kept } = client.login.tokens() ?? { access_token: '', token_type: '' }
      client.login.saveTokens(kept) // SDK 1.x would refresh instead, and give up
      await rejection(client.session.call('add_note', {}))
      await expect(client.session.stepUp()).rejects.toThrow()
      expect(client.login.granted).not.toContain('notes:write')
      await client.session.close()
    })
  })
}
