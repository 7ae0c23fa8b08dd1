// L25: the client leaves while something else than the upstream is waited for.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { nextResponseClosed, startRequest } from '../support/stream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

/** How many calls the upstream got from a client that left while the issuer was asked. */
async function callsAfterLeaving(era: 'legacy' | 'modern'): Promise<number> {
  const [asked, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  gateway = await startTestGateway({
    auditRequired: true,
    issuer: '    introspection: { client_id: portcullis, client_secret: secret }',
    policy: `
      rules: [{ name: safe, tools: [safe], scopes: [a], require_active: true }]`,
  })
  const { issuer, resource, token, origin, upstream, audit } = gateway
  issuer.introspect = async () => {
    asked.resolve()
    await left.promise
    const exp = Math.floor(Date.now() / 1_000) + 600
    return {
      active: true,
      iss: issuer.url,
      aud: resource,
      sub: 'user-1',
      client_id: 'client-1',
      scope: 'a',
      exp,
    }
  }
  const closed = nextResponseClosed(origin)
  const { body, headers } = callOf(era)
  const authorization = `Bearer ${token()}`
  const client = startRequest(resource, { method: 'POST', body, headers: { ...headers, authorization } })
  await asked.promise
  client.leave()
  await closed
  left.resolve()
  const endings = () => audit().flatMap(({ event, ending }) => (event === 'decision' ? [ending] : []))
  await expect.poll(endings).toEqual(['client_closed'])
  return upstream.received.length
}

test('T26-22 2026-07-28: leaving is cancelling, so nothing is sent', async () => {
  expect(await callsAfterLeaving('modern')).toBe(0)
})

test('LEG-10 before it: it is sent', async () => {
  expect(await callsAfterLeaving('legacy')).toBe(1)
})
