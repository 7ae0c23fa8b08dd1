// Dynamic registration as real clients do it (RFC 7591), its limits, and changes of a registration (RFC 7592).
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createSweep } from '../../../src/as/store/sweep.ts'
import { ask, createScene, postJson, REDIRECT, register, type Scene, signIn } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

const CURSOR = 'cursor://anysphere.cursor-mcp/oauth/callback'

describe('DCR-03, Q-11, Q-13 to Q-19: what real clients send', () => {
  test.each([
    ['Cursor', { redirect_uris: [CURSOR, 'https://www.cursor.com/agents/mcp/oauth/callback'] }],
    [
      'VS Code',
      {
        redirect_uris: ['https://vscode.dev/redirect', 'http://127.0.0.1:33418/'],
        client_uri: 'https://code.visualstudio.com',
      },
    ],
    ['Claude', { redirect_uris: ['https://claude.ai/api/mcp/auth_callback'], scope: 'claudeai' }],
    ['Claude at its other name', { redirect_uris: ['https://claude.com/api/mcp/auth_callback'] }],
    ['ChatGPT', { redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'], scope: '' }],
    [
      'Inspector',
      { redirect_uris: ['http://localhost:6274/oauth/callback'], client_uri: '', logo_uri: '', tos_uri: '' },
    ],
    ['Inspector without a screen', { redirect_uris: ['http://127.0.0.1:6276/oauth/callback'] }],
    [
      'mcp-remote',
      {
        redirect_uris: ['http://localhost:3334/oauth/callback'],
        scope: 'openid email profile',
        software_id: 'x',
        software_version: '1',
      },
    ],
    ['one that says where it goes', { resource: 'https://mcp.example.com', strange_member: { a: 1 } }],
    ['one that names what it is', { application_type: 'web' }],
    ['one with contacts that are none', { contacts: ['nobody'] }],
  ])('%s', async (_who, metadata) => {
    const { status, json } = await register(scene, metadata)
    expect(status).toBe(201)
    expect(json).toMatchObject({
      client_id: expect.any(String),
      registration_access_token: expect.any(String),
    })
    expect(json['redirect_uris']).toEqual(
      (metadata as { redirect_uris?: string[] }).redirect_uris ?? [REDIRECT],
    )
    expect(json).not.toHaveProperty('client_secret')
  })

  test('unknown scopes are dropped from what is told back', async () => {
    const { json } = await register(scene, { scope: 'notes:read claudeai' })
    expect(json['scope']).toBe('notes:read')
  })

  test.each([
    ['native', [REDIRECT]],
    ['native', [CURSOR]],
    ['native', ['https://vscode.dev/redirect', 'http://localhost:1/']],
    ['web', ['https://c.example/cb']],
  ])('DCR-02: inferred to be %s', async (type, uris) => {
    expect((await register(scene, { redirect_uris: uris })).json['application_type']).toBe(type)
  })

  test('DCR-01: it is on by default, and the answer says all that was registered (RFC 7591 §3.2.1)', async () => {
    const { status, headers, json } = await register(scene, { client_uri: 'https://c.example/' })
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(json).toMatchObject({
      client_id_issued_at: expect.any(Number),
      client_name: 'A program',
      client_uri: 'https://c.example/',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      registration_client_uri: `${scene.origin}/register/${json['client_id']}`,
    })
  })

  test('H2: a secret that never expires', async () => {
    const { json } = await register(scene, { token_endpoint_auth_method: 'client_secret_post' })
    expect(json).toMatchObject({ client_secret: expect.any(String), client_secret_expires_at: 0 })
  })
})

/** Says much of itself, and nobody signed it. */
const UNSIGNED = `${btoa('{"alg":"none"}')}.${btoa('{"redirect_uris":["https://evil.example/"]}')}.`

describe('A03, A36: what is refused before anything is kept', () => {
  test.each([
    ['javascript:', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['data:', { redirect_uris: ['data:text/html,x'] }, 'invalid_redirect_uri'],
    ['a tab before it', { redirect_uris: ['\tjavascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['file:', { redirect_uris: ['file:///etc/passwd'] }, 'invalid_redirect_uri'],
    ['blob:', { redirect_uris: ['blob:https://c.example/x'] }, 'invalid_redirect_uri'],
    ['vbscript:', { redirect_uris: ['vbscript:x'] }, 'invalid_redirect_uri'],
    ['no scheme', { redirect_uris: ['//evil.example'] }, 'invalid_redirect_uri'],
    ['a scheme of its own', { redirect_uris: ['myapp://cb'] }, 'invalid_redirect_uri'],
    ['almost the scheme of Cursor', { redirect_uris: [`${CURSOR}/x`] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: ['https://c.example/cb#x'] }, 'invalid_redirect_uri'],
    ['a user name', { redirect_uris: ['https://a@c.example/cb'] }, 'invalid_redirect_uri'],
    ['AS-02 plain http elsewhere', { redirect_uris: ['http://c.example/cb'] }, 'invalid_redirect_uri'],
    ['no redirect address', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['one that is no text', { redirect_uris: [7] }, 'invalid_redirect_uri'],
    ['client credentials', { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    ['implicit', { grant_types: ['implicit'] }, 'invalid_client_metadata'],
    [
      'an unknown way to authenticate',
      { token_endpoint_auth_method: 'tls_client_auth' },
      'invalid_client_metadata',
    ],
    [
      'private_key_jwt without keys',
      { token_endpoint_auth_method: 'private_key_jwt' },
      'invalid_client_metadata',
    ],
    ['a response type', { response_types: ['token'] }, 'invalid_client_metadata'],
    ['a signed statement', { software_statement: UNSIGNED }, 'invalid_software_statement'],
    [
      'jwks_uri inside',
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://169.254.169.254/jwks' },
      'invalid_client_metadata',
    ],
  ])('%s', async (_what, metadata, error) => {
    const before = await scene.server.store.clients.countRegistered()
    const { status, json } = await register(scene, metadata)
    expect([status, json['error']]).toEqual([400, error])
    expect(await scene.server.store.clients.countRegistered()).toBe(before)
  })

  test('A31, A36: deep JSON is refused, wherever it stands', async () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    for (const name of ['jwks', 'redirect_uris', 'strange_member']) {
      const method = '"token_endpoint_auth_method":"private_key_jwt"'
      const body = `{"redirect_uris":["${REDIRECT}"],${method},"${name}":${deep}}`
      const { status, json } = await postJson(`${scene.origin}/register`, body)
      expect([status, json['error']]).toEqual([400, 'invalid_client_metadata'])
    }
  })

  test.each(['[]', '7', 'null', '{', '{"a":'])('a body that is %s', async (body) => {
    expect((await postJson(`${scene.origin}/register`, body)).json['error']).toBe('invalid_request')
  })

  test('A36: a scope that a client names is told back if it exists, and gives nothing', async () => {
    const { json } = await register(scene, { scope: 'notes:admin admin' })
    expect(json['scope']).toBe('notes:admin')
    const session = await signIn(scene, { clientId: String(json['client_id']) })
    expect(session.scope).toBe('notes:read')
  })

  test('A36: a secret of its own choice is not its secret', async () => {
    const chosen = {
      client_id: 'admin',
      client_secret: 'chosen',
      token_endpoint_auth_method: 'client_secret_post',
    }
    const { json } = await register(scene, chosen)
    expect([json['client_id'], json['client_secret']]).toEqual([
      expect.not.stringMatching(/^admin$/),
      expect.not.stringMatching(/^chosen$/),
    ])
  })

  test('A25: a name without end is cut', async () => {
    const { json } = await register(scene, { client_name: 'x'.repeat(10_000) })
    expect(json['client_name']).toHaveLength(200)
  })
})

describe('A35: limits', () => {
  test('no more than the cap', async () => {
    const small = await createScene({ registration: { maxClients: 2 } })
    const used = [await signIn(small), await signIn(small)]
    expect((await register(small)).status).toBe(503)
    const ids = await small.server.store.clients.list()
    expect(new Set(ids.map(({ id }) => id))).toEqual(new Set(used.map(({ clientId }) => clientId)))
    await small.stop()
  })

  test('100 an hour from one address, also after a restart, and again an hour later', async () => {
    const busy = await createScene()
    const bad = { redirect_uris: [] }
    for (let count = 0; count < 100; count += 1) await register(busy, bad)
    const over = await register(busy, bad)
    expect([over.status, over.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
    await busy.stop(true)
    const again = await createScene({ folder: busy.folder })
    expect((await register(again, bad)).status).toBe(429)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
    expect((await register(again, bad)).status).toBe(400)
    vi.useRealTimers()
    await again.stop()
  })

  test('a client that nobody used is removed, one that was used stays', async () => {
    const { json: unused } = await register(scene)
    const clients = scene.server.store.clients
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 86_400_000 })
    const { json: used } = await register(scene)
    const removed: string[] = []
    const store = scene.server.store
    await createSweep({
      store,
      unusedTtlMs: 30 * 86_400_000,
      onRemoved: (id) => void removed.push(id),
    })()
    expect(removed).toContain(unused['client_id'])
    expect(await clients.find(String(unused['client_id']))).toBeUndefined()
    expect(await clients.find(String(used['client_id']))).toBeDefined()
  })
})

describe('A37: managing a registration (RFC 7592)', () => {
  const manage = (client: Record<string, unknown>, token: unknown, method: string, body?: unknown) =>
    ask(`${scene.origin}/register/${client['client_id']}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  test('reading, changing and removing one of its own', async () => {
    const { json: mine } = await register(scene)
    const token = mine['registration_access_token']
    expect(mine['registration_client_uri']).toBe(`${scene.origin}/register/${mine['client_id']}`)
    expect((await manage(mine, token, 'GET')).json['client_id']).toBe(mine['client_id'])
    const changed = await manage(mine, token, 'PUT', {
      client_id: mine['client_id'],
      redirect_uris: ['https://c.example/new'],
      token_endpoint_auth_method: 'none',
      client_uri: '',
    })
    expect([changed.status, changed.json['redirect_uris']]).toEqual([200, ['https://c.example/new']])
    expect((await manage(mine, token, 'DELETE')).status).toBe(204)
    expect((await manage(mine, token, 'GET')).status).toBe(401)
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s of somebody else', async (method) => {
    const { json: mine } = await register(scene)
    const { json: other } = await register(scene)
    const body = method === 'PUT' ? { client_id: other['client_id'], redirect_uris: [REDIRECT] } : undefined
    expect((await manage(other, mine['registration_access_token'], method, body)).status).toBe(401)
    expect(await scene.server.store.clients.find(String(other['client_id']))).toBeDefined()
  })

  test.each([
    ['an access token', async () => (await signIn(scene)).accessToken],
    ['a refresh token', async () => (await signIn(scene)).refreshToken],
    ['no token', async () => ''],
    ['made up', async () => 'x'.repeat(43)],
  ])('A37: with what opens something else or nothing: %s', async (_what, of) => {
    const { json: mine } = await register(scene)
    const answer = await manage(mine, await of(), 'GET')
    expect([400, 401]).toContain(answer.status)
    expect(answer.text).not.toContain('redirect_uris')
  })

  test('A37: nobody manages a client of the operator', async () => {
    const clients = scene.server.store.clients
    await clients.save('robot', 'operator', {
      client_id: 'robot',
      client_secret: 's',
      redirect_uris: ['https://c.example/'],
    })
    const { json: mine } = await register(scene)
    const answer = await manage({ client_id: 'robot' }, mine['registration_access_token'], 'DELETE')
    expect(answer.status).toBe(401)
    expect(await clients.find('robot')).toBeDefined()
  })

  test('a change may not do what a registration may not', async () => {
    const { json: mine } = await register(scene)
    const body = { client_id: mine['client_id'], redirect_uris: ['javascript:alert(1)'] }
    const answer = await manage(mine, mine['registration_access_token'], 'PUT', body)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_redirect_uri'])
  })
})

test('a registration survives a restart', async () => {
  const before = await createScene()
  const { json } = await register(before)
  const port = Number(new URL(before.origin).port)
  await before.stop(true)
  const after = await createScene({ folder: before.folder, port })
  const answer = await ask(`${after.origin}/register/${json['client_id']}`, {
    headers: { authorization: `Bearer ${json['registration_access_token']}` },
  })
  expect(answer.json['client_id']).toBe(json['client_id'])
  await after.stop()
})
