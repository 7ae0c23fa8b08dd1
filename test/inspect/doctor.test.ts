// The doctor against our own gateway, a bare server and servers that violate one requirement each (D8).
import { afterEach, describe, expect, test } from 'vitest'
import { run as doctor } from '../../src/cli/inspect/doctor.ts'
import { run as probe } from '../../src/cli/inspect/probe.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { sendJson, startUpstream, type TestUpstream } from '../support/upstream.ts'
import { startScripted } from './scripted-server.ts'

interface Result {
  readonly id: string
  readonly rule: string
  readonly state: string
  readonly seen: string
}

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function examine(url: string, stdin?: string) {
  const io = recordingIo(stdin === undefined ? {} : { stdin })
  const code = await doctor([url, '--json', ...(stdin === undefined ? [] : ['--token', '-'])], io)
  const report = JSON.parse(io.out()) as { ok: boolean; first: string | null; results: Result[] }
  const violated = report.results.filter(({ state }) => state === 'violated').map(({ id }) => id)
  return { code, report, violated, text: io.out() + io.err() }
}

async function openGateway(): Promise<TestGateway> {
  const gateway = await startTestGateway()
  closing.push(() => gateway.close())
  return gateway
}

/** The challenge, metadata and issuer of a well-behaved server, changed by a test. */
interface Manners {
  readonly status?: number
  readonly challenge?: string
  readonly metadata?: Record<string, unknown> | undefined
  readonly issuer?: Record<string, unknown>
  readonly takesAnyToken?: boolean
}

async function openServer(manners: Manners): Promise<TestUpstream> {
  const server = await startUpstream((request, response) => {
    const origin = server.url.replace('/mcp', '')
    const known = request.headers.authorization
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      const usual = { resource: server.url, authorization_servers: [origin] }
      return sendJson(response, 200, { ...usual, ...manners.metadata })
    }
    if (request.url === '/.well-known/oauth-authorization-server') {
      const usual = { issuer: origin, code_challenge_methods_supported: ['S256'] }
      return sendJson(response, 200, { ...usual, ...manners.issuer })
    }
    if (request.url.split('?')[0] !== '/mcp') return sendJson(response, 404, {})
    if (manners.takesAnyToken && known !== undefined) return sendJson(response, 200, {})
    const error = known === undefined ? '' : 'error="invalid_token", '
    const pointer = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`
    response.setHeader('www-authenticate', manners.challenge ?? `Bearer ${error}${pointer}`)
    sendJson(response, manners.status ?? 401, {})
  })
  closing.push(() => server.close())
  return server
}

describe('our own gateway', () => {
  test('violates nothing, without a token', async () => {
    const gateway = await openGateway()
    const { code, violated, report } = await examine(gateway.resource)
    expect(violated).toEqual([])
    expect(code).toBe(0)
    expect(report.results.filter(({ state }) => state === 'kept').length).toBeGreaterThan(20)
  })

  test('T26-11: violates nothing with a token, which is not printed', async () => {
    const gateway = await openGateway()
    const token = gateway.token('a')
    const { violated, report, text } = await examine(gateway.resource, token)
    expect(violated).toEqual([])
    expect(report.results.find(({ id }) => id === 'T26-11')?.state).toBe('kept')
    expect(report.results.find(({ id }) => id === 'TOK-01')?.state).toBe('kept')
    expect(text).not.toContain(token)
  })

  test('TOK-01: a token for another audience is told', async () => {
    const gateway = await openGateway()
    const { violated } = await examine(gateway.resource, gateway.token('a', { aud: 'https://other.example' }))
    expect(violated).toContain('TOK-01')
  })
})

describe('each requirement that a server violates is named first', () => {
  const cases: readonly (readonly [id: string, what: string, manners: Manners])[] = [
    ['CHL-01', 'it is open to everybody', { status: 200 }],
    ['CHL-02', 'no Bearer challenge', { challenge: 'Basic realm="x"' }],
    ['CHL-03', 'a parameter twice', { challenge: 'Bearer scope="a", scope="b"' }],
    ['PRM-04', 'no resource_metadata', { challenge: 'Bearer realm="x"' }],
    ['CHL-04', 'a quote in the scope', { challenge: 'Bearer scope="a\\"b", resource_metadata="x"' }],
    ['PRM-08', 'another resource', { metadata: { resource: 'http://127.0.0.1/mcp' } }],
    ['PRM-02', 'no authorization server', { metadata: { authorization_servers: undefined } }],
    ['PRM-07', 'an empty list', { metadata: { scopes_supported: [] } }],
    ['PRM-11', 'offline_access', { metadata: { scopes_supported: ['a', 'offline_access'] } }],
    ['META-03', 'an issuer with a slash', { issuer: { issuer: 'http://127.0.0.1:1/' } }],
    ['META-04', 'no PKCE', { issuer: { code_challenge_methods_supported: undefined } }],
    ['AS-02', 'a plain token endpoint', { issuer: { token_endpoint: 'http://as.example/token' } }],
    ['TOK-06', 'any token will do', { takesAnyToken: true }],
  ]

  test.each(cases)('%s: %s', async (id, _what, manners) => {
    const server = await openServer(manners)
    const { code, violated, report } = await examine(server.url)
    expect(code).toBe(1)
    expect(violated).toContain(id)
    if (id !== 'CHL-04') expect(report.first).toBe(id)
  })

  test('CHL-01: where nothing is served, the cure is another URL', async () => {
    const server = await openServer({ status: 404 })
    const { report } = await examine(server.url)
    expect(report.results.find(({ id }) => id === 'CHL-01')).toMatchObject({
      state: 'violated',
      cure: 'look at the path of the URL: nothing is served there',
    })
  })

  test('CHL-01: a server of 2026-07-28 alone, open to everybody', async () => {
    const server = await startScripted({ era: 'modern' })
    closing.push(() => server.close())
    const { report } = await examine(server.url)
    expect(report.first).toBe('CHL-01')
    expect(report.results.find(({ id }) => id === 'CHL-01')?.seen).toContain('anybody may use this server')
  })

  test('none: a server with good manners', async () => {
    const server = await openServer({})
    expect((await examine(server.url)).violated).toEqual([])
  })
})

describe('for people', () => {
  test('the first violated rule stands there with its cure, the others below', async () => {
    const server = await openServer({ status: 200 })
    const io = recordingIo()
    expect(await probe([server.url], io)).toBe(1)
    expect(io.out()).toMatch(/FAIL CHL-01 +a request without a token is answered with 401 \(status 200/)
    expect(io.out()).toMatch(/\nfirst violated: CHL-01: put an authenticating gateway in front/)
  })

  test('what a server says cannot act on the terminal', async () => {
    const server = await openServer({ metadata: { resource: '\u001b[2J\u202eevil' } })
    const io = recordingIo()
    await doctor([server.url], io)
    expect(io.out()).toContain('\\u{1b}[2J\\u{202e}evil')
  })

  test('a token on the command line, and no URL, are wrong use', async () => {
    expect(await doctor(['http://127.0.0.1:9/', '--token', 'abc'], recordingIo())).toBe(2)
    expect(await doctor(['mcp.example.com'], recordingIo())).toBe(2)
    expect(await doctor([], recordingIo())).toBe(2)
  })

  test('the real token goes to no other origin', async () => {
    const other = await openServer({})
    const server = await openServer({ metadata: { authorization_servers: [other.url.replace('/mcp', '')] } })
    await examine(server.url, 'real-token')
    expect(other.received.length).toBeGreaterThan(0)
    for (const { rawHeaders } of other.received) expect(rawHeaders.join(' ')).not.toContain('real-token')
  })
})
