// A deny rule for resources holds for every spelling that a server could take for the same resource (M52, SCP-07).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    policy: `
      default: allow
      rules:
        - { name: no, effect: deny, resources: ["file:///srv/secret/**", "https://internal.example/**", "notes://secret/**", "notes://own/a", "notes://own/a(b)", "notes://own/b(c)", "notes://own/My secret", "notes://own/\u00fc"] }
        - { name: rest, resources: ["**"] }`,
  })
})
afterAll(() => gateway.close())

const read = (uri: string) =>
  gateway.post({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } })

test.each([
  'file:///srv/secret/a',
  'FILE:///srv/secret/a',
  'file:/srv/secret/a',
  'file://localhost/srv/secret/a',
  'file:///srv/%73ecret/a',
  'file:///srv/secret%2Fa',
  'file:///srv/./secret/a',
  'file:///srv//secret/a',
  'https://internal.example./a',
  'https://internal.example/a',
  'https://INTERNAL.example/a',
  'https://internal.example:443/a',
  'https://me@internal.example/a',
  'https:internal.example/a',
  'https://%69nternal.example/a',
  'NOTES://secret/a',
  'notes://%73ecret/a',
  'notes://@secret/a',
  'notes://secret:/a',
  'notes://:@secret/a',
  'notes://SECRET/a',
  'notes://secret/a#x',
  'notes://own/a?x',
  'notes://own/a(%62)',
  'notes://own/b%28c%29',
  'notes://own/My secret',
  'notes://own/%c3%bc',
  'notes://own/\u00fc',
  'notes://own/u%CC%88',
])('M52 M85 M86 SCP-07 %s is denied', async (uri) => {
  const before = gateway.upstream.received.length
  expect((await read(uri)).status).toBe(403)
  expect(gateway.upstream.received.length).toBe(before)
})

test.each([
  'file:///srv/My%20notes/%C3%BC',
  'file:///srv/a%20b',
  'https://other.example/a',
  'notes://open/a',
])('%s is read, byte for byte', async (uri) => {
  expect((await read(uri)).status).toBe(200)
  expect(gateway.upstream.received.at(-1)?.body.toString()).toContain(JSON.stringify(uri))
})
