// Clients known by a metadata document: what may be fetched, how, and what a document may say.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGuardedFetch } from '../../../src/as/engine/guarded-fetch.ts'
import { clientIdFault, isPublicAddress } from '../../../src/as/engine/public-address.ts'
import { createCertificate } from '../../support/certificate.ts'
import { ask, authorize, createScene, pkce, REDIRECT, redeem, type Scene, signIn } from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-cimd-'))
const { cert, key } = createCertificate()
const asked: string[] = []
let respond: (request: IncomingMessage, response: ServerResponse) => void
let documents: https.Server
let host: string
let scene: Scene
let id: string
let count = 0

beforeAll(async () => {
  documents = https.createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '')
    respond(request, response)
  })
  await new Promise<void>((resolve) => documents.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(documents.address() as AddressInfo).port}`
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, cert)
  scene = await createScene({
    registration: { clientIdMetadata: { enabled: true, allowPrivateHosts: [host], ca } },
  })
})
beforeEach(() => {
  asked.length = 0
  count += 1
  id = `https://${host}/client-${count}`
  respond = (_request, response) => send(response, document())
})
afterAll(async () => {
  await scene.stop()
  documents.closeAllConnections()
  documents.close()
  rmSync(folder, { recursive: true, force: true })
})

function document(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    client_id: id,
    client_name: 'A program',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    ...changes,
  }
}

function send(
  response: ServerResponse,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(typeof value === 'string' ? value : JSON.stringify(value))
}

const { verifier, challenge } = pkce()
function request(clientId = id, redirectUri = REDIRECT): Record<string, string> {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }
}

async function isRefused(clientId = id): Promise<boolean> {
  const answer = await ask(`${scene.origin}/authorize?${new URLSearchParams(request(clientId))}`)
  return answer.status >= 400 && answer.headers.get('location') === null
}

describe('CIM-01, CIM-02: a document is a client', () => {
  test('Q-13: Claude Code, with loopback addresses of any port', async () => {
    const { params } = await authorize(scene, request(id, 'http://localhost:51823/callback'))
    const answer = await redeem(scene, {
      clientId: id,
      code: params.get('code') ?? '',
      verifier,
      redirect_uri: 'http://localhost:51823/callback',
    })
    expect(answer.json).toMatchObject({ scope: 'notes:read', refresh_token: expect.any(String) })
    expect(asked).toHaveLength(1)
  })

  test('a redirect address that is not in it', async () => {
    const other = request(id, 'https://evil.example/cb')
    expect((await ask(`${scene.origin}/authorize?${new URLSearchParams(other)}`)).status).toBe(400)
  })

  test('grant types that are not for strangers are left out', async () => {
    respond = (_request, response) =>
      send(response, document({ grant_types: ['authorization_code', 'client_credentials'] }))
    const { params } = await authorize(scene, request())
    expect(params.has('code')).toBe(true)
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id })
    const answer = await ask(`${scene.origin}/token`, { method: 'POST', body })
    expect(answer.status).toBe(400)
  })

  test('A33: two installations of one client; the grant of one ends alone', async () => {
    respond = (_request, response) => send(response, document())
    const one = await signIn(scene, { clientId: id })
    const two = await signIn(scene, { clientId: id })
    await ask(`${scene.origin}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: one.refreshToken, client_id: id }),
    })
    const claims = [one, two].map(({ accessToken }) =>
      JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()),
    )
    expect(claims.map((each) => scene.server.isRevoked(each))).toEqual([true, false])
  })
})

describe('A31, CIM-02, CIM-03: documents that are refused', () => {
  test.each([
    ['another client_id', () => document({ client_id: `${id}x` })],
    ['no client_name', () => document({ client_name: undefined })],
    ['no redirect address', () => document({ redirect_uris: [] })],
    ['a dangerous redirect address', () => document({ redirect_uris: ['javascript:alert(1)'] })],
    ['a secret', () => document({ client_secret: 'x' })],
    ['a secret without end', () => document({ client_secret_expires_at: 0 })],
    ['a symmetric method', () => document({ token_endpoint_auth_method: 'client_secret_basic' })],
    ['private_key_jwt without keys', () => document({ token_endpoint_auth_method: 'private_key_jwt' })],
    ['no object', () => '[]'],
    ['no JSON', () => '{'],
    ['40 KB', () => document({ padding: 'x'.repeat(40_000) })],
    ['10 MB', () => document({ padding: 'x'.repeat(10_000_000) })],
  ])('%s', async (_what, make) => {
    respond = (_request, response) => send(response, make())
    expect(await isRefused()).toBe(true)
  })

  test('HTML', async () => {
    respond = (_request, response) => send(response, document(), { 'content-type': 'text/html' })
    expect(await isRefused()).toBe(true)
  })

  test('one byte at a time is given three seconds', async () => {
    respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 200)
      response.on('close', () => clearInterval(drip))
    }
    expect(await isRefused()).toBe(true)
  }, 8_000)

  test.each([201, 204, 301, 302, 304, 307, 404, 500])('A29, CIM-04: status %i', async (status) => {
    respond = (_request, response) =>
      response
        .writeHead(status, { location: `https://${host}/other`, 'content-type': 'application/json' })
        .end()
    expect(await isRefused()).toBe(true)
    expect(asked).toContain(new URL(id).pathname)
    expect(asked).not.toContain('/other')
  })

  test('A32, CIM-04: what was wrong is not kept', async () => {
    respond = (_request, response) => response.writeHead(500).end()
    expect(await isRefused()).toBe(true)
    respond = (_request, response) => send(response, document())
    asked.length = 0
    expect(await isRefused()).toBe(false)
    expect(asked).toHaveLength(1)
  })

  test('A32, CIM-04: what was right is kept, and asked for once', async () => {
    respond = (_request, response) => send(response, document(), { 'cache-control': 'max-age=300' })
    await authorize(scene, request())
    await authorize(scene, request())
    expect(asked).toHaveLength(1)
  })
})

describe('A27, A30, CIM-01, H9: what is never fetched', () => {
  test.each([
    'http://client.example/x',
    'https://client.example',
    'https://client.example/',
    'https://client.example/x#y',
    'https://client.example/x?',
    'https://a@client.example/x',
    'https://client.example/a/../b',
    'https://client.example/a/%2e%2e/b',
    'https://client.example:22/x',
    'https://client.example:8443/x',
    'https://client.example./x',
    'https://localhost/x',
    'https://localhost./x',
    'https://a.localhost/x',
    'https://intranet/x',
    'https://127.0.0.1/x',
    'https://0x7f.1/x',
    'https://2130706433/x',
    'https://169.254.169.254/x',
    'https://[::1]/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://[64:ff9b::a9fe:a9fe]/x',
    'HTTPS://client.example/x',
    'https://CLIENT.example/x',
    'https://client.example\\x',
    '\thttps://client.example/x',
  ])('%s', (text) => {
    expect(clientIdFault(text, { allowPrivateHosts: [] })).toBeTypeOf('string')
  })

  test.each([
    'https://client.example/x',
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://client.example/x?v=1',
  ])('%s is', (text) => expect(clientIdFault(text, { allowPrivateHosts: [] })).toBeUndefined())

  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
    ...['192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
    ...['224.0.0.1', '240.0.0.1', '255.255.255.255', '::', '::1', '::ffff:8.8.8.8', '64:ff9b::808:808'],
    ...[
      '100::1',
      '2001::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '3fff::1',
      '5f00::1',
      'fc00::1',
      'fe80::1',
      'ff02::1',
    ],
  ])('the address %s is not public', (address) => expect(isPublicAddress(address)).toBe(false))

  test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'the address %s is',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )
})

describe('A28, CIM-05: the address that was checked is the one that is called', () => {
  test.each([
    ['a private address', ['10.0.0.1']],
    ['a public one and a private one', ['8.8.8.8', '127.0.0.1']],
    ['no address', []],
  ])('%s behind a public name', async (_what, addresses) => {
    let resolved = 0
    const resolve = (_host: string, _options: unknown, callback: (error: null, found: object[]) => void) => {
      resolved += 1
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      )
    }
    const network = createGuardedFetch({ allowPrivateHosts: [], ca: cert, resolve: resolve as never })
    await expect(network.fetch('https://rebound.example/x', new Headers())).rejects.toThrow()
    expect(resolved).toBe(1)
    expect(asked).toHaveLength(0)
    await network.close()
  })
})

test('switched off, a URL is no client', async () => {
  const off = await createScene({
    registration: { clientIdMetadata: { enabled: false, allowPrivateHosts: [host], ca: undefined } },
  })
  const answer = await ask(`${off.origin}/authorize?${new URLSearchParams(request())}`)
  expect([answer.status, asked.length]).toEqual([400, 0])
  await off.stop()
})

test('a host that may be private is told at the start', () => {
  expect(scene.server.warnings).toContainEqual(expect.stringContaining(host))
})
