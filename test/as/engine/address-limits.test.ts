// How often one address may ask, at each endpoint that keeps something or where something can be guessed.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  type AddressLimit,
  createAddressLimits,
  type StoredAddressLimit,
} from '../../../src/as/engine/address-limits.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import { startWhole } from '../clients/whole.ts'
import { databaseOf } from '../support/database.ts'
import { USUAL_LIMITS } from '../support/limits.ts'
import { type Answer, ask, createScene, postForm, postJson, register, type Scene } from './scene.ts'
import { later } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
  await scene.server.store.clients.save('resource-server', 'operator', {
    client_id: 'resource-server',
    client_secret: 'its-secret',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  })
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

type Send = (origin: string, headers: Record<string, string>) => Promise<Answer>

const form = (path: string, fields: Record<string, string>): Send => {
  return (origin, headers) => postForm(origin + path, fields, headers)
}
const GUESS = { client_id: 'resource-server', client_secret: 'a guess', token: 'x', grant_type: 'x' }

/** What is refused costs as much as what is not. */
const ENDPOINTS: readonly (readonly [string, count: number, minutes: number, within: number, Send])[] = [
  ['/register', 100, 60, 400, (origin, headers) => postJson(`${origin}/register`, {}, 'POST', headers)],
  ['/authorize', 300, 15, 400, (origin, headers) => ask(`${origin}/authorize?client_id=x`, { headers })],
  ['/device_authorization', 100, 15, 401, form('/device_authorization', { client_id: 'x' })],
  ['/token', 300, 15, 401, form('/token', GUESS)],
  ['/revoke', 300, 15, 401, form('/revoke', GUESS)],
  ['/introspect', 300, 15, 401, form('/introspect', GUESS)],
]

test.each(ENDPOINTS)('H3: %s from one address, then 429 with Retry-After', async (_path, ...row) => {
  const [count, minutes, within, send] = row
  const from = (address: string) => send(scene.origin, { 'x-test-address': address, accept: 'text/html' })
  for (let sent = 0; sent < count; sent += 1) expect((await from('192.0.2.1')).status).toBe(within)
  const over = await from('192.0.2.1')
  expect(over.status).toBe(429)
  const wait = Number(over.headers.get('retry-after'))
  expect(wait).toBeGreaterThan(minutes * 60 - 60)
  expect(wait).toBeLessThanOrEqual(minutes * 60)
  expect((await from('192.0.2.2')).status).toBe(within)
  later(wait)
  expect((await from('192.0.2.1')).status).toBe(within)
})

test('H3: a clock that was years ahead shuts nobody out until then', async () => {
  let now = Date.now()
  const store = await openStore(':memory:', { secret: Buffer.alloc(32, 7), clock: { now: () => now } })
  const { registrations, authorizations } = createAddressLimits(store, USUAL_LIMITS)
  const exhausted = async ({ take }: AddressLimit | StoredAddressLimit) => {
    for (let taken = 0; taken < 1_000; taken += 1) await take('192.0.2.1')
    return take('192.0.2.1')
  }
  for (const [allowance, seconds] of [[registrations, 3_600] as const, [authorizations, 900] as const]) {
    now += 10 * 365 * 86_400_000
    expect(await exhausted(allowance)).toBe(seconds)
    now -= 10 * 365 * 86_400_000
    expect(await allowance.take('192.0.2.1')).toBeUndefined()
    expect(await exhausted(allowance)).toBe(seconds)
  }
  await store.close()
})

test('H3: pages that begin a session with a browser are counted with what is begun at /authorize', async () => {
  const pages = await createScene()
  const sessions = databaseOf(pages.server.store).prepare(
    `SELECT count(*) AS n FROM artifacts WHERE model = 'Session'`,
  )
  const looks = ['/device', '/end_session'].flatMap((path) => Array.from({ length: 160 }, () => path))
  const answers: Answer[] = []
  for (const path of looks) answers.push(await ask(pages.origin + path, { headers: { accept: 'text/html' } }))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(300)
  expect(sessions.get()?.['n']).toBe(300)
  const last = answers.at(-1)
  expect([last?.status, last?.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8'])
  await pages.stop()
})

test('H3: what goes well where secrets can be guessed is not counted', async () => {
  const good = { client_id: 'resource-server', client_secret: 'its-secret', token: 'x' }
  for (let sent = 0; sent < 301; sent += 1) {
    expect((await postForm(`${scene.origin}/introspect`, good)).status).toBe(200)
  }
})

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

test('H3, A43: nor are devices that wait for their person', async () => {
  const calm = await createScene()
  const metadata = { grant_types: [DEVICE_CODE], redirect_uris: [], response_types: [] }
  const { json } = await register(calm, metadata)
  const known = { client_id: String(json['client_id']) }
  const devices = await Promise.all(
    Array.from({ length: 40 }, () => postForm(`${calm.origin}/device_authorization`, known)),
  )
  const poll = (device: Answer) =>
    postForm(`${calm.origin}/token`, {
      ...{ ...known, grant_type: DEVICE_CODE },
      device_code: String(device.json['device_code']),
    })
  for (let round = 1; round <= 8; round += 1) {
    later(6)
    const told = (await Promise.all(devices.map(poll))).map((answer) => answer.json['error'])
    expect(new Set(told)).toEqual(new Set(['authorization_pending']))
  }
  expect((await postForm(`${calm.origin}/token`, GUESS)).status).toBe(401)
  await calm.stop()
})

test('H3: a person is told on a page, a program in JSON', async () => {
  const strict = await createScene()
  const [page, token] = ['/authorize', '/token'].map((path) => `${strict.origin}${path}`) as [string, string]
  for (let sent = 0; sent < 300; sent += 1) await Promise.all([ask(page), postForm(token, GUESS)])
  const [told, said] = [await ask(page), await postForm(token, GUESS)]
  expect([told.status, told.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8'])
  expect([said.status, said.json['error']]).toEqual([429, 'temporarily_unavailable'])
  await strict.stop()
})

test.each([
  ...['/authorize/', '/register/', '/device/', '/end_session/'],
  ...['/token/', '/authorize/x/', '/AUTHORIZE', '/Device'],
])('H3, A41, A42: no other spelling of an endpoint leads to it, past what is counted: %s', async (path) => {
  expect(scene.server.answers(path)).toBe(false)
})

test('A41: nor does one fill a code in that stands in a link, and the right one only what may be a code', async () => {
  const whole = await startWhole()
  const page = await ask(`${whole.origin}/device/?user_code=BBBB-BBBB`)
  expect([page.status, page.text.includes('BBBB')]).toEqual([404, false])
  const html = { headers: { accept: 'text/html' } }
  const shown = async (code: string) =>
    (await ask(`${whole.origin}/device?user_code=${encodeURIComponent(code)}`, html)).text
  expect(await shown('BBBB-BBBB')).toMatch(/name="user_code" value="BBBB-BBBB"/)
  for (const other of ['"><script>', 'B'.repeat(33), 'B B', '', 'ß'])
    expect(await shown(other)).toMatch(/name="user_code" value=""/)
  await whole.close()
})

/** Registrations of a hundred and one from one place. */
async function exhaust(origin: string, forwardedFor: (index: number) => string): Promise<number[]> {
  const statuses: number[] = []
  for (let sent = 0; sent <= 100; sent += 1) {
    const headers = { 'x-forwarded-for': forwardedFor(sent) }
    statuses.push((await postJson(`${origin}/register`, {}, 'POST', headers)).status)
  }
  return [...new Set(statuses)]
}

test('H3: behind a trusted proxy each client has its own; one behind it is not all of them', async () => {
  const whole = await startWhole({ top: 'trusted_proxies: [127.0.0.1]' })
  expect(await exhaust(whole.origin, () => '192.0.2.1')).toEqual([400, 429])
  const neighbour = { 'x-forwarded-for': '192.0.2.2' }
  expect((await postJson(`${whole.origin}/register`, {}, 'POST', neighbour)).status).toBe(400)
  // What a client writes before its proxy does is nobody's word.
  const liar = { 'x-forwarded-for': '192.0.2.3, 192.0.2.1' }
  expect((await postJson(`${whole.origin}/register`, {}, 'POST', liar)).status).toBe(429)
  await whole.close()
})

test('H3: without a trusted proxy X-Forwarded-For makes nobody somebody else', async () => {
  const whole = await startWhole()
  expect(await exhaust(whole.origin, (index) => `192.0.2.${index}`)).toEqual([400, 429])
  await whole.close()
})
