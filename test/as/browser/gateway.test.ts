// The session of a browser on an MCP route, through a whole gateway: it counts like a token, only for pages that may
// use it, and never in place of one.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPasswords } from '../../../src/as/sign-in/passwords.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { renderProblem } from '../../../src/config/problem.ts'
import { type RunningGateway, startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'
import { freePort } from '../../support/free-port.ts'
import { toolCall } from '../../support/gateway.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import { type Agent, createAgent } from '../support/agent.ts'
import { PASSWORD } from '../support/scene.ts'

const APP = 'http://app.localhost:5173'
const folder = mkdtempSync(join(tmpdir(), 'portcullis-browser-'))

let upstream: TestUpstream
let running: RunningGateway
let origin: string
let agent: Agent
/** Requests that a page named. */
const named: string[] = []

beforeAll(async () => {
  upstream = await startUpstream()
  origin = `http://127.0.0.1:${await freePort()}`
  const secret = randomBytes(32).toString('hex')
  const loaded = parseConfig(yaml(secret), { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  await addAlice(secret)
  const log = createLog('info', { write: () => undefined })
  running = await startGateway({ settings: loaded.settings, log })
  agent = createAgent()
  await signIn()
})
afterAll(async () => {
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

function yaml(secret: string): string {
  return `
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${join(folder, 'audit.jsonl')} }
issuers: { home: { embedded: true } }
authorization_server: { data: ${join(folder, 'as.sqlite')}, cookie_secret: ${secret} }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${upstream.url}
    issuers: [home]
    scopes: [notes:read]
    policy: { rules: [{ name: safe, tools: [safe], scopes: [notes:read] }] }
    browser: { issuer: home, allowed_origins: ["${APP}"] }
  - name: other
    path: /other/mcp
    upstream: ${upstream.url}
    issuers: [home]
    scopes: [notes:read]
    policy: { default: allow }
`
}

async function addAlice(secret: string): Promise<void> {
  const store = await openStore(join(folder, 'as.sqlite'), {
    secret: Buffer.from(secret),
    clock: { now: Date.now },
  })
  await store.users.add('alice', (await createPasswords().hash(PASSWORD)) ?? '')
  await store.close()
}

async function signIn(): Promise<void> {
  const page = await agent.follow(await agent.get(`${origin}/auth/login`))
  const entered = await agent.press(page, 'with', 'password', { name: 'alice', password: PASSWORD })
  const consent = await agent.follow(entered)
  const done = await agent.follow(await agent.press(consent, 'answer', 'allow'))
  expect(done.body).toContain('You are signed in.')
}

/** A call of the tool `safe` as the page of an application would send it. */
async function call(headers: Readonly<Record<string, string>>, path = '/notes/mcp', cookies = true) {
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return await fetch(origin + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...(cookies ? { cookie } : {}), ...headers },
    body: JSON.stringify(toolCall('safe')),
  })
}

const GOOD = { origin: APP, 'x-portcullis-request': '1' }

test('G9: with its header and a listed origin it counts as the person; the upstream sees who, and no cookie', async () => {
  const answer = await call(GOOD)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBe(APP)
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
  const seen = upstream.received.at(-1)
  expect(seen?.headers['x-mcp-subject']).toBe('alice')
  expect(seen?.headers['x-mcp-client-id']).toBe('portcullis-browser')
  expect(seen?.headers.cookie).toBeUndefined()
  expect(seen?.headers.authorization).toBeUndefined()
})

const refused: [string, Readonly<Record<string, string>>, string, number][] = [
  ['no custom header', { origin: APP }, '/notes/mcp', 403],
  ['no origin', { 'x-portcullis-request': '1' }, '/notes/mcp', 403],
  ['another origin', { ...GOOD, origin: 'https://evil.example.com' }, '/notes/mcp', 403],
  ['an opaque origin', { ...GOOD, origin: 'null' }, '/notes/mcp', 403],
  ['another route', GOOD, '/other/mcp', 401],
  ['a wrong token beside it', { ...GOOD, authorization: 'Bearer nonsense' }, '/notes/mcp', 401],
]
test.each(refused)('G9, G10: %s', async (_name, headers, path, status) => {
  const before = upstream.received.length
  expect((await call(headers, path)).status).toBe(status)
  expect(upstream.received.length).toBe(before)
})

test.each([
  ['Basic', 'Basic YWxpY2U6eA=='],
  ['DPoP without a token', 'DPoP'],
  ['Bearer without a token', 'Bearer '],
  ['Digest', 'Digest username="alice"'],
  ['nothing', ''],
])('A85: beside an Authorization of %s the session does not count', async (_what, authorization) => {
  const before = upstream.received.length
  expect((await call({ ...GOOD, authorization })).status).toBe(401)
  expect(upstream.received.length).toBe(before)
})

test('G9: a preflight of the listed origin may send the header and the cookie, on this route alone', async () => {
  const ask = (path: string) =>
    fetch(origin + path, {
      method: 'OPTIONS',
      headers: {
        origin: APP,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-portcullis-request',
      },
    })
  const here = await ask('/notes/mcp')
  expect(here.headers.get('access-control-allow-headers')).toContain('x-portcullis-request')
  expect(here.headers.get('access-control-allow-credentials')).toBe('true')
  expect((await ask('/other/mcp')).headers.get('access-control-allow-credentials')).toBeNull()
})

test.each(['text/html', '*/*', 'application/json, text/event-stream', 'application/json'])(
  'G8: without a session, Accept %s is a 401 with a challenge and never a redirect',
  async (accept) => {
    for (const method of ['GET', 'POST']) {
      const headers = { accept, 'content-type': 'application/json', 'sec-fetch-mode': 'navigate' }
      const answer = await fetch(`${origin}/notes/mcp`, { method, headers, redirect: 'manual' })
      expect([answer.status, answer.headers.get('location')]).toEqual([401, null])
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
    }
  },
)

test('a page that says what failed names the request, as its answer and the audit do', async () => {
  const answer = await fetch(`${origin}/interaction/nothing`)
  const id = answer.headers.get('x-request-id') ?? 'none'
  named.push(id)
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(`Reference: ${id}`)])
})

test('G14: an upgrade is not followed', async () => {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'x',
    'sec-websocket-version': '13',
  }
  const asked = request(`${origin}/notes/mcp`, { headers })
  const status = await new Promise((resolve, reject) => {
    asked.once('response', (answer) => resolve(answer.resume().statusCode))
    asked.once('upgrade', () => reject(new Error('it was followed')))
    asked.once('error', reject)
    asked.end()
  })
  expect(status).toBe(401)
})

test('G4: after signing out the cookie opens nothing, also a copy of it; the audit has both ends', async () => {
  const kept = new Map(agent.cookies)
  const page = await agent.get(`${origin}/auth/logout`)
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  await agent.post(`${origin}/auth/logout`, { csrf })
  for (const [name, value] of kept) agent.cookies.set(name, value)
  expect((await call(GOOD)).status).toBe(401)
  await running.close(100) // the last test: closing writes what is left of the audit
  const lines = readFileSync(join(folder, 'audit.jsonl'), 'utf8')
  for (const event of ['sign_in', 'consent', 'signed_out', ...named]) expect(lines).toContain(`"${event}"`)
})
