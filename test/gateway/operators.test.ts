// Who may do what on the administration port: a table of credential × endpoint × method over real sockets, and what is
// written down of a change.
import { hash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OperatorRight } from '../../src/core/operator.ts'
import type { AdminPage, AdminVisit } from '../../src/http/admin-page.ts'
import { type AdminPort, RIGHTS, startAdminPort } from '../support/admin-port.ts'

const TOKEN = 'the token of the file'
const secretOf = (name: string) => `a long random word of ${name}`
const NAMED: Readonly<Record<string, readonly OperatorRight[]>> = {
  reader: ['view'],
  worker: ['operate'],
  judge: ['approve'],
  all: RIGHTS,
}
const entry = (name: string, may: readonly OperatorRight[] = NAMED[name] ?? []) =>
  `{ name: ${name}, hash: "sha256:${hash('sha256', secretOf(name))}", may: [${may.join(', ')}] }`
const TOKENS = `tokens: [${Object.keys(NAMED)
  .map((name) => entry(name))
  .join(', ')}]`

/** Where, by which method, and the right that it needs; an endpoint of machines is open where there are no tokens. */
const ENDPOINTS: readonly (readonly [method: string, path: string, right: OperatorRight])[] = [
  ...['GET', 'HEAD'].flatMap((method) =>
    ['/readyz', '/readyz/shutdown', '/metrics'].map((path) => [method, path, 'view'] as const),
  ),
  ...['GET', 'HEAD', 'POST'].flatMap((method) =>
    RIGHTS.map((right) => [method, `/console/${right}`, right] as const),
  ),
]
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('with tokens in the file', () => {
  let port: AdminPort
  beforeAll(async () => {
    port = await startAdminPort(`token: "${TOKEN}", ${TOKENS}`)
  })
  afterAll(() => port.close())

  const CREDENTIALS: readonly (readonly [name: string, token: string, may: readonly OperatorRight[]])[] = [
    ...Object.entries(NAMED).map(([name, may]) => [name, secretOf(name), may] as const),
    ['token', TOKEN, ['view', 'operate']],
  ]

  describe.each(CREDENTIALS)('%s', (name, token, may) => {
    test.each(ENDPOINTS)('%s %s needs %s', async (method, path, right) => {
      port.events.length = 0
      const { status, body } = await port.ask(path, { method, headers: bearer(token) })
      const isAllowed = may.includes(right)
      expect(status).toBe(isAllowed ? 200 : 403)
      if (!isAllowed && method !== 'HEAD')
        expect(JSON.parse(body)).toEqual({ error: 'forbidden', needs: right })
      const changed = { event: 'changed', detail: right, actor: `operator ${name}`, address: '127.0.0.1' }
      expect(port.events).toEqual(isAllowed && method === 'POST' ? [changed] : [])
    })
  })

  const REFUSED: readonly (readonly [what: string, headers: Readonly<Record<string, string>>])[] = [
    ['nothing', {}],
    ['another token', bearer('another')],
    ['the hash of a token', bearer(`sha256:${hash('sha256', secretOf('all'))}`)],
    ['the hex digits of a hash', bearer(hash('sha256', secretOf('all')))],
    ['a part of a token', bearer(secretOf('all').slice(0, -1))],
    ['more than a token', bearer(`${secretOf('all')}x`)],
    ['two tokens', bearer(`${TOKEN} ${TOKEN}`)],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['no scheme', { authorization: TOKEN }],
    ['an empty token', { authorization: 'Bearer ' }],
  ]
  describe.each(REFUSED)('%s', (_what, headers) => {
    let port: AdminPort // for each request, since wrong tokens are counted
    beforeEach(async () => {
      port = await startAdminPort(`token: "${TOKEN}", ${TOKENS}`)
    })
    afterEach(() => port.close())

    test.each([...ENDPOINTS, ['GET', '/nothing', 'view'] as const])('%s %s is 401', async (method, path) => {
      const { status, headers: answered } = await port.ask(path, { method, headers })
      expect(status).toBe(401)
      expect(answered['www-authenticate']).toBe('Bearer realm="admin"')
      expect(port.events).toEqual([])
    })
  })

  test('K12: whoever has a token learns what is not there, by any method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await port.ask('/nothing', { method, headers: bearer(TOKEN) })).status).toBe(404)
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await port.ask('/console/operate', { method, headers: bearer(TOKEN) })).status).toBe(404)
    expect(port.events).toEqual([])
  })
})

describe('without tokens in the file', () => {
  let port: AdminPort
  beforeAll(async () => {
    port = await startAdminPort()
  })
  afterAll(() => port.close())

  test.each(ENDPOINTS)('%s %s: only what machines read is open, on loopback', async (method, path) => {
    const isOpen = !path.startsWith('/console/')
    expect((await port.ask(path, { method })).status).toBe(isOpen ? 200 : 401)
    expect((await port.ask(path, { method, headers: { host: 'evil.example' } })).status).toBe(401)
    expect(port.events).toEqual([])
  })

  test('a token opens nothing, and shuts nothing', async () => {
    for (let times = 0; times < 11; times += 1)
      expect((await port.ask('/console/view', { headers: bearer(TOKEN) })).status).toBe(401)
    expect((await port.ask('/metrics', { headers: bearer(TOKEN) })).status).toBe(200)
  })
})

describe('wrong tokens', () => {
  let port: AdminPort
  beforeEach(async () => {
    port = await startAdminPort(`token: "${TOKEN}", ${TOKENS}`)
  })
  afterEach(() => port.close())
  const ask = (token: string, path = '/metrics') => port.ask(path, { headers: bearer(token) })
  const typed = (token: string) =>
    port.ask('/console/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }).toString(),
    })

  test('ten from one network in a minute, on any path: then none is looked at', async () => {
    const paths = ['/metrics', '/console/view', '/nothing', '/readyz', '/approvals/x']
    for (const path of [...paths, ...paths]) expect((await ask('another', path)).status).toBe(401)
    for (const path of paths) {
      const late = await ask(TOKEN, path)
      expect(late.status).toBe(429)
      expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect((await port.ask('/metrics')).status).toBe(401)
  })

  test('a token that was good from there goes on, for as long as it is one', async () => {
    expect((await ask(TOKEN)).status).toBe(200)
    for (let times = 0; times < 11; times += 1) await ask('another')
    for (let times = 0; times < 3; times += 1) expect((await ask(TOKEN)).status).toBe(200)
    expect((await ask(secretOf('reader'))).status).toBe(429)
    port.reload(TOKENS)
    expect((await ask(TOKEN)).status).toBe(401)
    expect((await ask(TOKEN)).status).toBe(429)
  })

  test('those of the page to sign in count together with them', async () => {
    for (let times = 0; times < 5; times += 1) {
      expect((await ask('another')).status).toBe(401)
      expect((await typed('another')).status).toBe(403)
    }
    expect([(await typed(TOKEN)).status, (await ask(TOKEN)).status]).toEqual([429, 429])
  })
})

test('named tokens alone close the port', async () => {
  const port = await startAdminPort(TOKENS)
  expect((await port.ask('/metrics')).status).toBe(401)
  expect((await port.ask('/metrics', { headers: bearer(secretOf('reader')) })).status).toBe(200)
  await port.close()
})

test('a reload takes a token away, and changes what another may', async () => {
  const port = await startAdminPort(`tokens: [${entry('reader')}, ${entry('all')}]`)
  const statusOf = async (path: string, name: string, method = 'GET') =>
    (await port.ask(path, { method, headers: bearer(secretOf(name)) })).status
  expect(await statusOf('/metrics', 'reader')).toBe(200)
  expect(await statusOf('/console/operate', 'all', 'POST')).toBe(200)
  port.reload(`tokens: [${entry('all', ['view'])}]`)
  expect(await statusOf('/metrics', 'reader')).toBe(401)
  expect(await statusOf('/console/operate', 'all', 'POST')).toBe(403)
  expect(await statusOf('/metrics', 'all')).toBe(200)
  await port.close()
})

test('what lasts ends with the right that it began with', async () => {
  const asked: boolean[] = []
  const allowed: AdminVisit['isStillAllowed'][] = []
  const page: AdminPage = {
    ...{ method: 'GET', path: '/console', right: 'view' },
    async answer(context, visit) {
      allowed.push(visit.isStillAllowed)
      asked.push(await visit.isStillAllowed())
      return context.json({})
    },
  }
  const port = await startAdminPort(`tokens: [${entry('reader')}]`, { pages: [page] })
  await port.ask('/console', { headers: bearer(secretOf('reader')) })
  expect(asked).toEqual([true])
  port.reload(`tokens: [${entry('reader', ['operate'])}]`)
  expect(await allowed[0]?.()).toBe(false)
  port.reload('')
  expect(await allowed[0]?.()).toBe(false)
  await port.close()
})
