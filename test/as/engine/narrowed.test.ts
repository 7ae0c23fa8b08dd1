// What a client asks beyond what is open is left out and told, never a reason to refuse the rest; and what a client says
// of its keys is read in every form that is in use.
import { randomUUID, type webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../../src/config/load.ts'
import { type DocumentHost, documentOf, sendDocument, startDocumentHost, trusting } from './document-host.ts'
import { asked } from './request-context.ts'
import {
  authorize,
  createScene,
  pkce,
  postForm,
  postJson,
  REDIRECT,
  register,
  type Scene,
  signIn,
} from './scene.ts'

let documents: DocumentHost
let scene: Scene
beforeAll(async () => {
  documents = await startDocumentHost()
  const redirectSchemes = ['vscode', 'com.example.app']
  scene = await createScene({ registration: { clientIdMetadata: trusting(documents), redirectSchemes } })
})
afterAll(async () => {
  await scene.stop()
  await documents.close()
})

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const BOTH = ['authorization_code', 'refresh_token']

describe('registration', () => {
  test.each<readonly [string, object, object]>([
    ['a grant type too many', { grant_types: [...BOTH, JWT_BEARER] }, { grant_types: BOTH }],
    [
      'client credentials beside others',
      { grant_types: ['client_credentials', ...BOTH] },
      { grant_types: BOTH },
    ],
    ['a response type too many', { response_types: ['code', 'token'] }, { response_types: ['code'] }],
    ['a relative picture', { logo_uri: '/logo.png' }, { logo_uri: undefined }],
    ['a picture that is a script', { logo_uri: 'javascript:alert(1)' }, { logo_uri: undefined }],
    ['a page that is no URL', { client_uri: 'our page' }, { client_uri: undefined }],
    ['no grant types', { grant_types: undefined }, { grant_types: BOTH }],
    [
      'codes alone, as it asks',
      { grant_types: ['authorization_code'] },
      { grant_types: ['authorization_code'] },
    ],
    ['a bad address beside a good one', { redirect_uris: ['x:y', REDIRECT] }, { redirect_uris: [REDIRECT] }],
  ])('%s', async (_what, sent, expected) => {
    const { status, json } = await register(scene, sent as Record<string, unknown>)
    expect(status).toBe(201)
    for (const [name, value] of Object.entries(expected)) expect(json[name]).toEqual(value)
  })

  test('all that the metadata name', async () => {
    const { grant_types_supported: all } = JSON.parse(scene.server.metadataText())
    const { status, json } = await register(scene, { grant_types: all })
    expect([status, json['grant_types']]).toEqual([
      201,
      all.filter((one: string) => one !== 'client_credentials'),
    ])
  })

  test.each<readonly [string, object, string]>([
    ['client credentials alone', { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    ['tokens alone', { response_types: ['token'] }, 'invalid_client_metadata'],
    ['bad addresses alone', { redirect_uris: ['x:y', 'javascript:z'] }, 'invalid_redirect_uri'],
  ])('nothing left: %s', async (_what, sent, error) => {
    const { status, json } = await register(scene, sent as Record<string, unknown>)
    expect([status, json['error']]).toEqual([400, error])
  })

  test('without grant_types a client stays connected', async () => {
    const { json } = await register(scene, { grant_types: undefined })
    const session = await signIn(scene, { clientId: String(json['client_id']) })
    expect(session.refreshToken).toMatch(/^[\w-]{20,}$/)
  })
})

describe('schemes of programs', () => {
  test.each(['vscode://ms.mcp/cb', 'com.example.app:/cb'])('%s', async (uri) => {
    const { status, json } = await register(scene, { redirect_uris: [uri] })
    expect([status, json['redirect_uris'], json['application_type']]).toEqual([201, [uri], 'native'])
    const query = asked(String(json['client_id']), pkce().challenge, { redirect_uri: uri })
    expect((await authorize(scene, query)).answer.headers.get('location')).toContain(`${uri}?code=`)
    const other = { ...query, redirect_uri: `${uri}/x` }
    expect((await authorize(scene, other)).answer.status).toBe(400)
  })

  test.each(['vscode-insiders://x/cb', 'VSCODE://x/cb', 'com.example:/cb', 'cursor://x/cb'])(
    'not %s',
    async (uri) => {
      const { json } = await register(scene, { redirect_uris: [uri] })
      expect(json['error']).toBe('invalid_redirect_uri')
    },
  )

  test.each<readonly [string, boolean]>([
    ['vscode', true],
    ['com.example.app', true],
    ...['https', 'javascript', 'data', 'file', 'VSCode', 'vscode:', 'v', 'intent'].map(
      (one) => [one, false] as const,
    ),
  ])('in the file: %s', (scheme, isGood) => {
    const yaml = `public_url: https://mcp.example.com
issuers: { own: { embedded: true } }
authorization_server: { registration: { redirect_schemes: ["${scheme}"] } }
routes: [{ name: n, path: /n, upstream: "http://127.0.0.1:1", issuers: [own], scopes: [a], policy: { default: allow } }]`
    const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {} })
    const problems = loaded.ok ? [] : loaded.problems.map(({ message }) => message)
    expect(problems.some((message) => message.includes('scheme of a program'))).toBe(!isGood)
  })
})

describe('a document with keys, as ChatGPT has one: private_key_jwt, RS256, jwks_uri, a list of methods', () => {
  let keys: webcrypto.CryptoKeyPair
  beforeAll(async () => {
    keys = (await generateKeyPair('RS256', { extractable: true })) as webcrypto.CryptoKeyPair
  })

  async function publish(
    changes: Readonly<Record<string, unknown>>,
    besideKeys: (id: string) => object = () => ({}),
  ): Promise<string> {
    const id = documents.newId()
    const jwks = {
      ...besideKeys(id),
      keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }],
    }
    const document = documentOf(id, {
      jwks_uri: `${id}/jwks`,
      token_endpoint_auth_method: undefined,
      token_endpoint_auth_signing_alg: 'RS256',
      ...changes,
    })
    documents.respond = (request, response) =>
      sendDocument(response, request.url?.endsWith('/jwks') ? jwks : document)
    return id
  }

  async function tokens(id: string, aud: unknown) {
    const { verifier, challenge } = pkce()
    const redirectUri = 'http://127.0.0.1/callback'
    const { params } = await authorize(scene, asked(id, challenge, { redirect_uri: redirectUri }))
    const now = Math.floor(Date.now() / 1_000)
    const claims = { iss: id, sub: id, aud, iat: now, exp: now + 60, jti: randomUUID() }
    const proof = await new SignJWT(claims as never)
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .sign(keys.privateKey)
    return postForm(`${scene.origin}/token`, {
      ...{ grant_type: 'authorization_code', client_id: id, code: String(params.get('code')) },
      ...{ redirect_uri: redirectUri, code_verifier: verifier },
      ...(aud === undefined
        ? {}
        : {
            client_assertion: proof,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          }),
    })
  }

  test.each<readonly [string, object]>([
    ['one method', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['a list', { token_endpoint_auth_methods_supported: ['private_key_jwt'] }],
    [
      'a list with weaker ones',
      { token_endpoint_auth_methods_supported: ['none', 'tls_client_auth', 'private_key_jwt'] },
    ],
  ])('%s: it proves itself, and nobody else passes for it', async (_what, changes) => {
    const id = await publish(changes as Record<string, unknown>)
    for (const aud of [scene.origin, `${scene.origin}/token`])
      expect((await tokens(id, aud)).status).toBe(200)
    for (const aud of [
      undefined,
      [scene.origin],
      [scene.origin, `${scene.origin}/token`],
      `${scene.origin}/`,
    ])
      expect((await tokens(id, aud)).status).toBe(401)
  })

  // RFC 7517 §5: a key set may have other members.
  test('its key set says whose it is, in a member client_id', async () => {
    const method = { token_endpoint_auth_method: 'private_key_jwt' }
    const id = await publish(method, (client) => ({ client_id: client }))
    expect((await tokens(id, scene.origin)).status).toBe(200)
  })

  test.each<readonly [string, object]>([
    ['a list without it', { token_endpoint_auth_methods_supported: ['none'] }],
    ['no keys', { token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'], jwks_uri: undefined }],
  ])('%s: a public client', async (_what, changes) => {
    const id = await publish(changes as Record<string, unknown>)
    expect((await tokens(id, undefined)).status).toBe(200)
  })

  test('a registration may say a list too', async () => {
    const sent = {
      redirect_uris: [REDIRECT],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_post'],
    }
    const { json } = await postJson(`${scene.origin}/register`, sent)
    expect(json).toMatchObject({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: expect.any(String),
    })
  })
})
