// What the doctor says first, what it tries at the authorization server where it may, and the page that it writes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { run as doctor } from '../../src/cli/inspect/doctor.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { type Respond, sendJson, startUpstream, type TestUpstream } from '../support/upstream.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Ways {
  /** The answer to a request with any token. */
  readonly known?: number
  readonly scopes?: readonly string[]
  readonly register?: Respond
  readonly plainResource?: boolean
}

/** A server and its authorization server at one origin, whose challenge names `a` and `b`. */
async function open({ known = 401, scopes, register, plainResource }: Ways): Promise<TestUpstream> {
  const server = await startUpstream((request, response, raw) => {
    const origin = server.url.replace('/mcp', '')
    if (request.url.startsWith('/register') && register) {
      register(request, response, raw)
      return
    }
    if (request.url === '/.well-known/oauth-protected-resource/mcp')
      return sendJson(response, 200, {
        resource: plainResource ? origin : server.url,
        authorization_servers: [origin],
      })
    if (request.url === '/.well-known/oauth-authorization-server')
      return sendJson(response, 200, {
        issuer: origin,
        code_challenge_methods_supported: ['S256'],
        ...(scopes ? { scopes_supported: scopes } : {}),
        ...(register ? { registration_endpoint: `${origin}/register` } : {}),
      })
    const isKnown = request.headers.authorization !== undefined
    const error = isKnown ? 'error="invalid_token", ' : ''
    const pointer = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`
    response.setHeader('www-authenticate', `Bearer ${error}scope="a b", ${pointer}`)
    sendJson(response, isKnown ? known : 401, {})
  })
  closing.push(() => server.close())
  return server
}

async function examine(url: string, ...options: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'portcullis-doctor-'))
  closing.push(() => rmSync(cwd, { recursive: true }))
  const io = recordingIo({ cwd })
  const code = await doctor([url, ...options], io)
  return { code, out: io.out(), err: io.err(), file: (name: string) => readFileSync(join(cwd, name), 'utf8') }
}

async function resultOf(id: string, url: string, ...options: string[]) {
  const { out } = await examine(url, '--json', ...options)
  const { results } = JSON.parse(out) as { results: { id: string; state: string; seen: string }[] }
  return results.find((result) => result.id === id)
}

const takes =
  (over: object = {}): Respond =>
  (request, response) => {
    if (request.method === 'DELETE') {
      response.writeHead(204).end()
      return
    }
    const at = `http://${request.headers.host}/register/c1`
    const client = { client_id: 'c1', registration_client_uri: at, registration_access_token: 'secret-rat' }
    sendJson(response, 201, { ...client, ...over })
  }

test('what lets anybody in comes before what keeps clients out', async () => {
  const { out } = await examine((await open({ known: 200, plainResource: true })).url)
  expect(out).toContain('first violated: TOK-06')
  expect(out).toMatch(/also \(anybody gets in\): TOK-11[\s\S]*also \(clients cannot get in\): PRM-08/)
  expect(out.indexOf('FAIL PRM-08')).toBeLessThan(out.indexOf('FAIL TOK-06'))
})

test('a token that is refused in another way lets nobody in', async () => {
  const { out } = await examine((await open({ known: 500 })).url)
  expect(out).toContain('also (clients cannot get in): TOK-11')
  expect(out).not.toContain('anybody gets in')
})

test('META-05: scopes of the challenge that the authorization server does not know', async () => {
  const { url } = await open({ scopes: ['a', 'openid'] })
  expect(await resultOf('META-05', url)).toMatchObject({
    state: 'doubtful',
    seen: expect.stringContaining(' b'),
  })
  expect(await resultOf('META-05', (await open({})).url)).toMatchObject({ state: 'kept' })
})

test('DCR-01: nothing is registered unless it is asked for', async () => {
  const server = await open({ register: takes() })
  expect(await resultOf('DCR-01', server.url)).toMatchObject({ state: 'skipped' })
  expect(server.received.filter(({ url }) => url.startsWith('/register'))).toEqual([])
})

test('DCR-01: a client is registered with the scopes of the challenge, and removed', async () => {
  const server = await open({ register: takes() })
  expect(await resultOf('DCR-01', server.url, '--register')).toMatchObject({
    state: 'kept',
    seen: 'removed again',
  })
  const [made, removed] = server.received.filter(({ url }) => url.startsWith('/register'))
  expect(JSON.parse(String(made?.body))).toMatchObject({ scope: 'a b', token_endpoint_auth_method: 'none' })
  expect([removed?.method, removed?.headers.authorization]).toEqual(['DELETE', 'Bearer secret-rat'])
})

test('I61: the token of the client goes to no other origin', async () => {
  const other = await startUpstream()
  closing.push(() => other.close())
  const { url } = await open({ register: takes({ registration_client_uri: other.url }) })
  const result = await resultOf('DCR-01', url, '--register')
  expect(result).toMatchObject({ state: 'kept', seen: 'remove the client c1 by hand' })
  expect(other.received).toEqual([])
})

test.each<[string, Respond, string, string]>([
  [
    'refused',
    (_, response) => sendJson(response, 403, { error: 'insufficient_scope' }),
    'violated',
    '403, insu',
  ],
  ['without a scope', takes({ scope: 'a' }), 'doubtful', 'leaves out b'],
])('DCR-01: a registration that is %s', async (_name, register, state, seen) => {
  const { url } = await open({ register })
  const result = await resultOf('DCR-01', url, '--register')
  expect(result).toMatchObject({ state, seen: expect.stringContaining(seen) })
})

test('I62: the report is one page, in which what a server said is text', async () => {
  const evil = '<script>alert(1)</script>'
  const { url } = await open({ register: (_, response) => sendJson(response, 400, { error: evil }) })
  const { code, file } = await examine(url, '--register', '--report', 'report.html')
  const page = file('report.html')
  expect(code).toBe(1)
  expect(page).toContain('clients cannot get in')
  expect(page).toContain('&lt;script&gt;alert(1)')
  expect(page).not.toMatch(/<script|<img|<link|src=|href=/)
})

test('a report that cannot be written', async () => {
  const { code, err } = await examine((await open({})).url, '--report', 'no/such/folder.html')
  expect([code, err.includes('cannot write no/such/folder.html (ENOENT)')]).toEqual([2, true])
})
