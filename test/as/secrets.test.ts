// H17, K rows: at any log level, and with the debug switch of the libraries on, no password, code, verifier, token or
// secret stands in the log, on standard output, in the audit, in the metrics, or in an error that anybody is shown.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openOperator } from '../../src/as/operate/operator.ts'
import { Secret } from '../../src/core/secret.ts'
import { freePort } from '../support/free-port.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'
import { REDIRECT, type Story, tellStory } from './secret-story.ts'
import { type FakeProvider, startProvider } from './support/provider.ts'

const PASSWORD = 'canary-right-password'
const COOKIE_SECRET = 'J4kq0ZxV7mWcT1yHs8LdPfR3gNbUe6Ai'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-secrets-'))
const data = join(folder, 'as.sqlite')
const audit = join(folder, 'audit.jsonl')
let upstream: TestUpstream
let provider: FakeProvider
let gateway: GatewayProcess
let story: Story
let metrics: string
let output = ''
/** What clients are told by a gateway whose data is damaged. */
let broken: readonly string[]

beforeAll(async () => {
  upstream = await startUpstream()
  provider = await startProvider()
  const origin = `http://127.0.0.1:${await freePort()}`
  const admin = `127.0.0.1:${await freePort()}`
  gateway = await startProcess({
    yaml: yamlOf(origin, admin),
    stdout: 'pipe',
    more: ['--log-level', 'trace'],
    env: { DEBUG: '*', COOKIE_SECRET },
  })
  gateway.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  story = await tellStory({ origin, provider, password: PASSWORD, robot: await addPeople() })
  broken = await breakData(origin)
  metrics = await (await fetch(`http://${admin}/metrics`)).text()
  gateway.child.kill('SIGTERM')
  await gateway.ended
})
afterAll(async () => {
  await gateway.kill()
  await provider.close()
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

function yamlOf(origin: string, admin: string): string {
  const { url } = provider
  const endpoint = `{ issuer: "${url}", allow_insecure_issuer: true, client_id: portcullis-at-fake`
  return `
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: "${admin}" }
audit: { file: ${audit}, required: true }
issuers: { builtin: { embedded: true } }
authorization_server:
  data: ${data}
  cookie_secret: \${COOKIE_SECRET}
  refresh_token_grace: 0s
  sign_in: { providers: { fake: ${endpoint}, scopes: [openid, email], allow: { subjects: ["*"] } } } }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${upstream.url}
    issuers: [builtin]
    scopes: [notes:read]
    policy: { rules: [{ name: all, tools: ["*"], scopes: [notes:read] }] }
    browser: { issuer: builtin, allowed_origins: [] }
`
}

async function addPeople(): Promise<{ readonly id: string; readonly secret: string }> {
  const settings = { data, cookieSecret: new Secret(COOKIE_SECRET) }
  const operator = await openOperator({ settings, clock: { now: Date.now }, actor: 'operator olga' })
  expect(await operator.users.add('ada', PASSWORD)).toBeUndefined()
  const { id, secret = '' } = await operator.clients.add({ name: 'robot', redirectUris: [], isPublic: false })
  await operator.close()
  return { id, secret }
}

/** Takes a table away under the running gateway: each request that needs it is a fault from then on. */
async function breakData(origin: string): Promise<readonly string[]> {
  const database = new DatabaseSync(data)
  database.exec('DROP TABLE artifacts')
  database.close()
  const one = (what: string) => [...(story.secrets.get(what) ?? [])][0] ?? ''
  const about = { client_id: story.client }
  const code = { grant_type: 'authorization_code', code: one('code'), code_verifier: one('verifier') }
  const forms = [
    { ...about, ...code, redirect_uri: REDIRECT },
    { ...about, grant_type: 'refresh_token', refresh_token: one('refresh_token') },
  ]
  const said: string[] = []
  for (const form of forms) {
    const answer = await fetch(`${origin}/token`, { method: 'POST', body: new URLSearchParams(form) })
    said.push(`${answer.status} ${answer.headers.get('x-request-id')} ${await answer.text()}`)
  }
  return said
}

function expectNone(text: string): void {
  const found = [...story.secrets].flatMap(([what, values]) =>
    [...values].filter((value) => text.includes(value)).map((value) => `${what}: ${value}`),
  )
  expect(found).toEqual([])
  expect(text.includes(COOKIE_SECRET)).toBe(false)
}

test('H17: the story held what it should', () => {
  const kinds = ['password', 'code', 'verifier', 'access_token', 'refresh_token', 'id_token', 'client_secret']
  const more = ['registration_access_token', 'device_code', 'user_code', 'token of the provider']
  const cookies = ['cookie portcullis-session', 'cookie portcullis-session-notes', 'cookie portcullis-form']
  expect([...story.secrets.keys()]).toEqual(expect.arrayContaining([...kinds, ...more, ...cookies]))
  for (const status of [200, 201, 400, 401]) expect(story.statuses).toContain(status)
  expect(story.refusals.length).toBeGreaterThan(30)
})

test('H17: the log at trace, and what libraries say with DEBUG=*', () => {
  expect(gateway.log()).toContain('"event":"listening"')
  expect(gateway.log()).toContain('oidc-provider:') // or the switch was not on
  expectNone(gateway.log())
})

test('H17: a fault of our own is on record with its id, and nothing of the request is', () => {
  expect(broken).toHaveLength(2)
  for (const said of broken) {
    const [status, id = '', text] = said.split(' ', 3)
    expect([status, text]).toEqual(['500', expect.stringContaining('"server_error"')])
    const lines = gateway
      .log()
      .split('\n')
      .filter((line) => line.includes(id))
    expect(lines).toEqual([expect.stringMatching(/"event":"bug".*no such table: artifacts/)])
    expectNone(said + lines.join())
  }
})

test('H17: standard output', () => expectNone(output))

test('H17: the audit', () => {
  const text = readFileSync(audit, 'utf8')
  for (const event of ['sign_in', 'sign_in_refused', 'refresh_reused', 'consent', 'client_registered'])
    expect(text).toContain(`"${event}"`)
  expectNone(text)
})

test('H17: the metrics', () => {
  expect(metrics).toContain('portcullis_')
  expectNone(metrics)
})

test('H17: pages and answers that refuse', () => expectNone(story.refusals.join('\n')))
