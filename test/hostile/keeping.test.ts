// What the process keeps of a secret, and what it says of itself to those it asks: rows of K beside those about logs.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

test('K20 neither issuer nor upstream hears what the gateway runs on, or where', async () => {
  gateway = await startTestGateway({
    issuer: '    validation: introspection\n    introspection: { client_id: gw, client_secret: secret }',
  })
  const { issuer, upstream, post, resource } = gateway
  const exp = Math.floor(Date.now() / 1_000) + 600
  issuer.introspect = () => ({
    active: true,
    iss: issuer.url,
    aud: resource,
    sub: 'u',
    client_id: 'c',
    scope: 'a',
    exp,
  })
  expect(
    (await post(toolCall('safe'), { authorization: 'Bearer opaque', 'user-agent': 'client/1' })).status,
  ).toBe(200)
  const asked = issuer.asked[0]?.headers ?? {}
  expect(Object.keys(asked).sort()).toEqual([
    ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host'],
  ])
  const sent = upstream.received[0]?.headers ?? {}
  expect(sent['user-agent']).toBe('client/1')
  for (const name of ['via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'server', 'traceparent']) {
    expect(sent).not.toHaveProperty(name)
  }
})
