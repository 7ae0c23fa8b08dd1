// ChatGPT connectors as they were seen: resource metadata before anything else, `resource` echoed, an empty scope.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walk } from './walk.ts'
import { ask, post, startWhole, type Whole } from './whole.ts'

const REDIRECT = 'https://chatgpt.com/connector_platform_oauth_redirect'

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

describe('ChatGPT (Q-15)', () => {
  test('PRM-08: the path form of the resource metadata, asked for first', async () => {
    const answer = await ask(`${whole.origin}/.well-known/oauth-protected-resource/notes/mcp`)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ resource: whole.resource, authorization_servers: [whole.origin] })
  })

  test('the metadata of the server has all that it looks for', async () => {
    const { json } = await ask(`${whole.origin}/.well-known/oauth-authorization-server`)
    expect(json).toMatchObject({
      authorization_endpoint: `${whole.origin}/authorize`,
      token_endpoint: `${whole.origin}/token`,
      registration_endpoint: `${whole.origin}/register`,
      code_challenge_methods_supported: ['S256'],
      client_id_metadata_document_supported: true,
    })
    expect(json['token_endpoint_auth_methods_supported']).toContain('none')
  })

  test('CHL-01: a 401 carries WWW-Authenticate, also for initialize and tools/list', async () => {
    for (const method of ['initialize', 'tools/list']) {
      const { status, headers } = await post(whole.resource, { jsonrpc: '2.0', id: 1, method })
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toMatch(/^Bearer /)
    }
  })

  test.each([
    ['DCR, scope= empty: the baseline', { scope: '' }],
    ['DCR, the scopes of the challenge', { scope: 'notes:read' }],
  ])('%s', async (_, sent) => {
    const registration = { client_name: 'ChatGPT', scope: '' }
    await walk(whole, { redirectUri: REDIRECT, registration, resource: whole.resource, state: 's', ...sent })
  })

  test('a predefined client with a secret is refused without it', async () => {
    const { id } = await whole.operator.clients.add({
      name: 'ChatGPT',
      redirectUris: [REDIRECT],
      isPublic: false,
    })
    const answer = await ask(`${whole.origin}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x', client_id: id }).toString(),
    })
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  })
})
