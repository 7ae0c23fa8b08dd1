// Clients known by a metadata document: what a document may say, and what it makes of a client.
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type DocumentHost, documentOf, sendDocument, startDocumentHost, trusting } from './document-host.ts'
import { asked, begin, expectPage } from './request-context.ts'
import { authorize, createScene, pkce, postForm, REDIRECT, redeem, type Scene, signIn } from './scene.ts'
import { claimsOf, expectError, isRevoked } from './steps.ts'

let documents: DocumentHost
let scene: Scene
let id: string

beforeAll(async () => {
  documents = await startDocumentHost()
  scene = await createScene({ registration: { clientIdMetadata: trusting(documents) } })
})
beforeEach(() => {
  documents.asked.length = 0
  id = documents.newId()
  publish()
})
afterAll(async () => {
  await scene.stop()
  await documents.close()
})

function publish(changes: Readonly<Record<string, unknown>> = {}): void {
  documents.respond = (_request, response) => sendDocument(response, documentOf(id, changes))
}

const { verifier, challenge } = pkce()

async function isRefused(clientId = id): Promise<boolean> {
  const answer = await begin(scene, asked(clientId, challenge))
  return answer.status >= 400 && answer.headers.get('location') === null
}

describe('CIM-01, CIM-02: a document is a client', () => {
  test('Q-13: Claude Code, with loopback addresses of any port', async () => {
    const uri = 'http://localhost:51823/callback'
    const { params } = await authorize(scene, asked(id, challenge, { redirect_uri: uri }))
    const code = params.get('code') ?? ''
    const answer = await redeem(scene, { clientId: id, code, verifier, redirect_uri: uri })
    expect(answer.json).toMatchObject({ scope: 'notes:read', refresh_token: expect.any(String) })
    expect(documents.asked).toHaveLength(1)
  })

  test('a redirect address that is not in it', async () => {
    const other = asked(id, challenge, { redirect_uri: 'https://evil.example/cb' })
    expectPage(await begin(scene, other), 'invalid_redirect_uri')
  })

  test('grant types that are not for strangers are left out', async () => {
    publish({ grant_types: ['authorization_code', 'client_credentials'] })
    const { params } = await authorize(scene, asked(id, challenge))
    expect(params.has('code')).toBe(true)
    const form = { grant_type: 'client_credentials', client_id: id }
    expect((await postForm(`${scene.origin}/token`, form)).status).toBe(400)
  })

  test('A33: two installations of one client; the grant of one ends alone', async () => {
    const one = await signIn(scene, { clientId: id })
    const two = await signIn(scene, { clientId: id })
    await postForm(`${scene.origin}/revoke`, { token: one.refreshToken, client_id: id })
    const revoked = await Promise.all([one, two].map(({ accessToken }) => isRevoked(scene, accessToken)))
    expect(revoked).toEqual([true, false])
  })
})

test('CIM-03: keys in it make it a client that has to prove itself', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' }] }
  publish({ token_endpoint_auth_method: 'private_key_jwt', jwks })
  const { params } = await authorize(scene, asked(id, challenge))
  const shown = { clientId: id, code: params.get('code') ?? '', verifier }
  expectError(await redeem(scene, shown), 401, 'invalid_client')
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: id, sub: id, aud: scene.origin, iat: now, exp: now + 60, jti: randomUUID() }
  const proof = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
  const answer = await redeem(scene, {
    ...shown,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: proof,
  })
  expect(claimsOf(answer.json['access_token'])['client_id']).toBe(id)
})

const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`

describe('A31, CIM-02, CIM-03: documents that are refused', () => {
  const changed = (changes: Readonly<Record<string, unknown>>) => () => documentOf(id, changes)
  test.each([
    ['another client_id', () => documentOf(`${id}x`)],
    ['its client_id in capitals', () => documentOf(id.toUpperCase())],
    ['no client_id', changed({ client_id: undefined })],
    ['no client_name', changed({ client_name: undefined })],
    ['no redirect address', changed({ redirect_uris: [] })],
    ['redirect addresses left out', changed({ redirect_uris: undefined })],
    ['a dangerous redirect address', changed({ redirect_uris: ['javascript:alert(1)'] })],
    ['a secret', changed({ client_secret: 'x' })],
    ['a secret without end', changed({ client_secret_expires_at: 0 })],
    ['client_secret_basic', changed({ token_endpoint_auth_method: 'client_secret_basic' })],
    ['client_secret_post', changed({ token_endpoint_auth_method: 'client_secret_post' })],
    ['client_secret_jwt', changed({ token_endpoint_auth_method: 'client_secret_jwt' })],
    ['private_key_jwt without keys', changed({ token_endpoint_auth_method: 'private_key_jwt' })],
    ['a software statement', changed({ software_statement: 'x.y.z' })],
    ['a list', () => '[]'],
    ['null', () => 'null'],
    ['no JSON', () => '{'],
    ['JSON that is deep', () => JSON.stringify(documentOf(id)).replace('{', `{"x":${DEEP},`)],
    [
      'JSON that is deep where it is read',
      () => JSON.stringify(documentOf(id, { jwks: '@' })).replace('"@"', DEEP),
    ],
    ['40 KB', changed({ padding: 'x'.repeat(40_000) })],
    ['10 MB', changed({ padding: 'x'.repeat(10_000_000) })],
  ])('%s', async (_what, make) => {
    documents.respond = (_request, response) => sendDocument(response, make())
    expect(await isRefused()).toBe(true)
    expect(documents.asked).toContain(new URL(id).pathname)
  })

  test('HTML', async () => {
    const type = { 'content-type': 'text/html' }
    documents.respond = (_request, response) => sendDocument(response, documentOf(id), type)
    expect(await isRefused()).toBe(true)
  })

  test('one byte at a time is given three seconds', async () => {
    documents.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 200)
      response.on('close', () => clearInterval(drip))
    }
    expect(await isRefused()).toBe(true)
  }, 8_000)
})

test('switched off, a URL is no client', async () => {
  const clientIdMetadata = { ...trusting(documents), enabled: false }
  const off = await createScene({ registration: { clientIdMetadata } })
  expectPage(await begin(off, asked(id, challenge, { redirect_uri: REDIRECT })))
  expect(documents.asked).toHaveLength(0)
  await off.stop()
})

test('a host that may be private is told at the start', () => {
  expect(scene.server.warnings).toContainEqual(expect.stringContaining(documents.host))
})
