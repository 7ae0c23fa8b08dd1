// Claude Code as it was seen: a metadata document with redirect addresses that have no port, registration
// without a scope, `offline_access`, and a `resource` that is only the origin.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Documents, serveDocuments } from './documents.ts'
import { type ClientHabits, signIn } from './sign-in.ts'
import { discover, expectToken, walk } from './walk.ts'
import { callTool, startWhole, type Whole } from './whole.ts'

let whole: Whole
let documents: Documents

beforeAll(async () => {
  documents = await serveDocuments()
  whole = await startWhole({ documents: documents.setting })
})
afterAll(async () => {
  await whole.close()
  await documents.close()
})

const DOCUMENT = {
  client_name: 'Claude Code',
  redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}
const publish = () => documents.publish('/oauth/claude-code-client-metadata', DOCUMENT)

describe('Claude Code (Q-13)', () => {
  test('needs resource_metadata in the 401, and learns that documents are taken', async () => {
    const { challenge, server } = await discover(whole)
    expect(challenge).toContain('resource_metadata="')
    expect(server['client_id_metadata_document_supported']).toBe(true)
  })

  const ways: [string, () => ClientHabits][] = [
    [
      'AS-02: by its document, a port for this sign-in at localhost',
      () => ({
        documentId: publish(),
        redirectUri: 'http://localhost:53211/callback',
        resource: whole.resource,
        scope: 'notes:read offline_access',
        state: 's',
      }),
    ],
    [
      'AS-02: by its document, a port for this sign-in at 127.0.0.1',
      () => ({
        documentId: publish(),
        redirectUri: 'http://127.0.0.1:53212/callback',
        resource: whole.resource,
      }),
    ],
    [
      'AS-08: by registration without a scope',
      () => ({
        redirectUri: 'http://localhost:53213/callback',
        registration: { client_name: 'Claude Code (notes)' },
        resource: whole.resource,
        scope: 'notes:read offline_access',
      }),
    ],
    [
      'AS-05: a resource that is the origin and a slash',
      () => ({
        redirectUri: 'http://localhost:53214/callback',
        resource: `${whole.origin}/`,
        scope: 'notes:read',
      }),
    ],
  ]
  test.each(ways)('%s', async (_, habits) => {
    await walk(whole, habits())
  })

  test('a denied call names the scope that is missing, and a sign-in with it helps', async () => {
    const habits = { redirectUri: 'http://localhost:53215/callback', resource: whole.resource }
    const session = await signIn(whole, habits)
    const denied = await callTool(whole, session.accessToken, 'danger')
    expect(denied.status).toBe(403)
    expect(denied.headers.get('www-authenticate')).toContain('scope="notes:read notes:write"')
    expect(JSON.stringify(denied.json)).toContain('notes:write')
    const more = await signIn(whole, { ...habits, scope: 'notes:read notes:write' })
    expectToken(whole, more.token, 'notes:read notes:write')
    expect((await callTool(whole, more.accessToken, 'danger')).status).toBe(200)
  })
})
