// Keycloak's tokens: bound to a key, introspected, of a client with a metadata document, under new keys, of a person who
// was disabled, and while Keycloak is away.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { JKT, proofFor } from '../../support/dpop.ts'
import { CALLBACK, callWith, createPlainClient, register, statusWith, type Tokens } from './plain-client.ts'
import { allowDocuments } from './realm.ts'
import type { Steps } from './steps.ts'
import type { World } from './world.ts'

const INTROSPECTION = ['validation: jwt_else_introspection', 'validation: introspection'] as const
const BOTH_SCOPES = 'notes:read notes:write'

export function tokenSteps({ step }: Steps, world: () => World): void {
  let tokens: Tokens
  const client = async (bound = false) => {
    const { issuer } = world().realm
    return createPlainClient(issuer, await register(issuer, BOTH_SCOPES), bound)
  }
  const call = (token?: string) => statusWith(world().gateway.resource, token ?? tokens.access_token)

  step('a token bound to a key opens the gateway with proofs of that key, and in no other way', async () => {
    const { gateway } = world()
    const bound = await (await client(true)).obtain('notes:read')
    expect(bound.token_type).toBe('DPoP')
    expect(claimsOf(bound)['cnf']).toEqual({ jkt: JKT, 'kc-jkt-type': 'DPoP' })
    const authorization = `DPoP ${bound.access_token}`
    const dpop = proofFor(gateway.resource, bound.access_token)
    expect((await callWith(gateway.resource, { authorization, dpop })).status).toBe(200)
    expect((await callWith(gateway.resource, { authorization, dpop })).status).toBe(401)
    expect((await callWith(gateway.resource, { authorization })).status).toBe(401)
    expect(await call(bound.access_token)).toBe(401)
  })
  step('every token is introspected', async () => {
    const { gateway } = world()
    await gateway.reload([INTROSPECTION])
    expect(gateway.log).toEqual([])
    tokens = await (await client()).obtain('notes:read')
    expect(await call()).toBe(200)
  })
  step(
    'Keycloak calls tokens inactive that do not name the client that asks; the audit says it',
    async () => {
      const { gateway, realm } = world()
      await realm.setGatewayAudience(false)
      const unnamed = await (await client()).obtain('notes:read')
      expect(await call(unnamed.access_token)).toBe(401)
      expect(gateway.audit()).toContain('does not name our client')
      await realm.setGatewayAudience(true)
    },
  )
  step('a client that is only a metadata document', async () => {
    const { gateway, realm } = world()
    await allowDocuments(realm.admin)
    const document = await serveDocument()
    const documented = createPlainClient(realm.issuer, document.id)
    const read = await documented.obtain('notes:read')
    expect(await call(read.access_token)).toBe(200)
    // What a document may ask for is every optional scope of the realm, so it gets more later.
    const more = await documented.obtain(BOTH_SCOPES)
    expect(more.scope.split(' ')).toContain('notes:write')
    expect(claimsOf(more)['client_id'] ?? claimsOf(more)['azp']).toBe(document.id)
    await document.close()
    await gateway.reload()
    expect(await call(more.access_token)).toBe(200)
  })
  step('a new key signs: old and new tokens open the gateway', async () => {
    const before = tokens.access_token
    await world().realm.rotateKeys()
    tokens = await (await client()).obtain('notes:read')
    expect(keyOf(tokens.access_token)).not.toBe(keyOf(before))
    // Keys are fetched again three seconds after the last time, which was the reload before this step.
    await expect.poll(() => call(), { timeout: 10_000, interval: 500 }).toBe(200)
    expect(await call(before)).toBe(200)
  })
  step('a person is disabled: the signed token goes on, introspection and refresh end', async () => {
    const { gateway, realm } = world()
    await realm.setEnabled('ada', false)
    expect(await call()).toBe(200)
    await gateway.reload([INTROSPECTION])
    expect(await call()).toBe(401)
    const again = createPlainClient(realm.issuer, String(claimsOf(tokens)['azp']))
    expect((await again.refresh(tokens.refresh_token ?? '')).error).toBe('invalid_grant')
    await realm.setEnabled('ada', true)
    await gateway.reload()
  })
  step('Keycloak is down: known keys go on, introspection is 503; it is up again', async () => {
    const { gateway, keycloak } = world()
    tokens = await (await client()).obtain('notes:read')
    const asked = await (await client()).obtain('notes:read')
    expect(await call()).toBe(200)
    await keycloak.stop()
    expect(await call()).toBe(200)
    await gateway.reload([INTROSPECTION])
    expect(await call(asked.access_token)).toBe(503)
    const readiness = await fetch(`${gateway.running.adminOrigin}/readyz`)
    expect(readiness.status).toBe(503)
    expect(await readiness.text()).toContain('ECONNREFUSED')
    await keycloak.start()
    await expect.poll(() => call(asked.access_token), { timeout: 60_000, interval: 1_000 }).toBe(200)
    await gateway.reload()
    expect(await call()).toBe(200)
  })
}

function claimsOf({ access_token: token }: Tokens): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

function keyOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}

async function serveDocument() {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        client_id: id,
        client_name: 'interop by document',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const id = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client.json`
  return { id, close: () => new Promise((resolve) => server.close(resolve)) }
}
