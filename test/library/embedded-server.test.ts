// The embedded authorization server inside somebody else's server: its documents, pages and forms pass through node:http,
// Hono and Express as through a listener of its own, and its tokens are good at the routes.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storedSecret } from '../../src/as/store/data-secret.ts'
import { openStore } from '../../src/as/store/sqlite/open-store.ts'
import { toolCall } from '../support/gateway.ts'
import { type HostOptions, startHost } from './host.ts'
import { inExpress, inHono, inNode } from './mounts.ts'

type FileParts = Parameters<NonNullable<HostOptions['file']>>[0]

const fileOf = ({ origin, upstreamUrl, folder }: FileParts) => `
public_url: ${origin}
issuers:
  builtin: { embedded: true }
authorization_server: { data: ${join(folder, 'as.sqlite')} }
routes:
  - name: a
    path: /mcp/a
    upstream: ${upstreamUrl}
    issuers: [builtin]
    scopes: [a]
    policy: { rules: [{ name: safe, tools: [safe] }] }
`

async function addRobot(data: string): Promise<void> {
  const store = await openStore(data, { secret: storedSecret(data), clock: { now: () => Date.now() } })
  await store.clients.save('robot', 'operator', {
    ...{ client_id: 'robot', client_secret: 'secret-of-the-robot', redirect_uris: [] },
    ...{ grant_types: ['client_credentials'], response_types: [] },
  })
  await store.close()
}

test.each([
  { name: 'node:http', mount: inNode },
  { name: 'Hono', mount: inHono },
  { name: 'Express', mount: inExpress },
])('$name', async ({ mount }) => {
  let data = ''
  const file = (parts: FileParts) => {
    data = join(parts.folder, 'as.sqlite')
    return fileOf(parts)
  }
  const { origin, post } = await startHost(mount, { file })
  const metadata = await (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json()
  expect(metadata).toMatchObject({ issuer: origin, registration_endpoint: `${origin}/register` })

  const client = { redirect_uris: ['http://127.0.0.1:1/cb'], token_endpoint_auth_method: 'none' }
  const registered = await post(client, { authorization: '' }, '/register')
  expect(registered.status).toBe(201)
  const { client_id: id } = (await registered.json()) as { readonly client_id: string }
  const query = new URLSearchParams({
    ...{ client_id: id, response_type: 'code', redirect_uri: 'http://127.0.0.1:1/cb', scope: 'a' },
    ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256', resource: `${origin}/mcp/a` },
  })
  const sent = await fetch(`${origin}/authorize?${query}`, { redirect: 'manual' })
  const cookie = sent.headers.getSetCookie().map((each) => each.split(';', 1)[0])
  const place = new URL(sent.headers.get('location') ?? '', origin)
  const page = await fetch(place, { headers: { cookie: cookie.join('; ') } })
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/html/)])

  await addRobot(data)
  const answer = await fetch(`${origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('robot:secret-of-the-robot')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${origin}/mcp/a` }),
  })
  const { access_token: token } = (await answer.json()) as { readonly access_token: string }
  expect((await post(toolCall('safe'), { authorization: `Bearer ${token}` })).status).toBe(200)
})
