// Tokens of the embedded server at the gateway: no HTTP between them, and what is revoked is refused at once, by this
// process or by a command in another one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storedSecret } from '../../../src/as/store/data-secret.ts'
import { makeSigningKey } from '../../../src/as/store/keys.ts'
import { openStore, type SqliteStore } from '../../../src/as/store/sqlite/open-store.ts'
import { cli } from '../../../src/cli/cli.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { type RunningGateway, startGateway } from '../../../src/gateway/gateway.ts'
import { recordingIo } from '../../cli/shared/recording-io.ts'
import { freePort } from '../../support/free-port.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { ask, postForm } from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-embedded-'))
const data = join(folder, 'as.sqlite')
const audit = join(folder, 'audit.log')
let upstream: TestUpstream
let gateway: RunningGateway
/** A second connection to the data, as a command has. */
let command: SqliteStore
let origin: string

beforeAll(async () => {
  upstream = await startUpstream()
  origin = `http://127.0.0.1:${await freePort()}`
  const loaded = parseConfig(configuration(), { file: join(folder, 'gateway.yaml'), env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  gateway = await startGateway({ settings: loaded.settings, log: pino({ level: 'silent' }) })
  command = await openStore(data, { secret: storedSecret(data), clock: { now: () => Date.now() } })
  await command.clients.save('robot', 'operator', {
    client_id: 'robot',
    client_secret: 'a secret of the robot',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })
})
afterAll(async () => {
  await gateway.close(100)
  await command.close()
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

function configuration(): string {
  return `
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${audit}, required: true }
issuers:
  builtin: { embedded: true }
authorization_server: { data: ${data} }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${upstream.url}
    issuers: [builtin]
    scopes: [notes:read]
    policy:
      rules:
        - { name: reading, tools: [read] }
        - { name: now, tools: [now], require_active: true }
`
}

async function newToken(): Promise<string> {
  const answer = await postForm(
    `${origin}/token`,
    { grant_type: 'client_credentials' },
    { authorization: `Basic ${btoa('robot:a+secret+of+the+robot')}` },
  )
  expect(answer.json).toMatchObject({ token_type: 'Bearer', scope: 'notes:read' })
  return String(answer.json['access_token'])
}

async function call(token: string, tool = 'read'): Promise<number> {
  const answer = await ask(`${origin}/notes/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: {} },
    }),
  })
  return answer.status
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

test('XCC-01, XCC-03: a program gets a token for itself, and the gateway takes it', async () => {
  const token = await newToken()
  expect(claimsOf(token)).toMatchObject({ sub: 'robot', client_id: 'robot', aud: `${origin}/notes/mcp` })
  expect(await call(token)).toBe(200)
  expect(await call(token, 'now')).toBe(200)
})

test('explain asks the gateway for its keys, on loopback over http too, and believes no other signature', async () => {
  const told = async (token: string) => {
    writeFileSync(join(folder, 'gateway.yaml'), configuration())
    const io = recordingIo({ cwd: folder, stdin: token })
    const code = await cli(['explain', '--route', 'notes', '--token', '-', 'tools/call', 'read'], io)
    return [code, io.out()]
  }
  const token = await newToken()
  const genuine = /✓ signature verified: .* whether it was revoked since, .* only the gateway knows/
  expect(await told(token)).toEqual([0, expect.stringMatching(genuine)])
  const forged = [...token.split('.').slice(0, 2), (await newToken()).split('.')[2]].join('.')
  expect(await told(forged)).toEqual([1, expect.stringContaining('✗ signature refused')])
})

test('H13: what the client revokes is refused at once, also where a verdict was kept', async () => {
  const token = await newToken()
  expect(await call(token)).toBe(200)
  const revoked = await postForm(
    `${origin}/revoke`,
    { token },
    { authorization: `Basic ${btoa('robot:a+secret+of+the+robot')}` },
  )
  expect(revoked.status).toBe(200)
  expect(await call(token)).toBe(401)
  expect(await call(token, 'now')).toBe(401)
})

test('what a command revokes is refused at once: a token, then a whole client', async () => {
  const token = await newToken()
  const other = await newToken()
  expect([await call(token), await call(other)]).toEqual([200, 200])
  const revocations = command.revocations
  await revocations.add('token', String(claimsOf(token)['jti']))
  expect([await call(token), await call(other)]).toEqual([401, 200])
  await revocations.add('client', 'robot')
  expect(await call(other)).toBe(401)
})

test('a grant that a command revokes takes its tokens along', async () => {
  const grants = command.grants
  expect(await grants.revoke('no such grant')).toBe(false)
})

test('A49: a key that a command rotates signs at once, and tokens of the old one go on', async () => {
  const before = await newTokenLater()
  expect(await call(before)).toBe(200)
  const fresh = await makeSigningKey()
  const { kid } = fresh
  await command.signingKeys.rotate(fresh, 60_000)
  expect(await call(before)).toBe(200)
  const after = await newTokenLater()
  const header = JSON.parse(Buffer.from(after.split('.')[0] ?? '', 'base64url').toString())
  expect(header).toMatchObject({ kid, typ: 'at+jwt', alg: 'ES256' })
  expect(await call(after)).toBe(200)
})

/** Tokens of the second in which the client was revoked stay refused. */
async function newTokenLater(): Promise<string> {
  await command.clients.save('robot2', 'operator', {
    client_id: 'robot2',
    client_secret: 'another secret',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })
  const answer = await postForm(`${origin}/token`, {
    grant_type: 'client_credentials',
    client_id: 'robot2',
    client_secret: 'another secret',
  })
  return String(answer.json['access_token'])
}

test('A48: a foreign Host is refused at the pages of the authorization server too', async () => {
  const { request } = await import('node:http')
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    request({
      hostname,
      port,
      path: '/.well-known/oauth-authorization-server',
      headers: { host: 'evil.example' },
    })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

test('the metadata of the resource names the embedded server', async () => {
  const document = await ask(`${origin}/.well-known/oauth-protected-resource/notes/mcp`)
  expect(document.json['authorization_servers']).toEqual([origin])
})

test('events are records of the audit', async () => {
  await ask(`${origin}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/cb'], client_name: 'App' }),
  })
  const lines = readFileSync(audit, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual(
    expect.objectContaining({ stream: 'audit', event: 'client_registered', address: '127.0.0.1' }),
  )
})
