// Signing in on another device (RFC 8628).
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Answer, ask, createScene, postForm, register, type Scene } from './scene.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
let scene: Scene
let clientId: string
beforeAll(async () => {
  scene = await createScene()
  const answer = await register(scene, {
    grant_types: [GRANT, 'refresh_token'],
    redirect_uris: [],
    response_types: [],
  })
  clientId = String(answer.json['client_id'])
})
afterEach(() => void vi.useRealTimers())
afterAll(() => scene.stop())

function begin(of = scene, client = clientId): Promise<Answer> {
  return postForm(`${of.origin}/device_authorization`, { client_id: client, scope: 'notes:write' })
}

function poll(deviceCode: unknown): Promise<Answer> {
  return postForm(`${scene.origin}/token`, {
    grant_type: GRANT,
    client_id: clientId,
    device_code: String(deviceCode),
  })
}

function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
}

/** A browser with its cookies, before the page that asks for the code. */
async function browser(of = scene) {
  const cookies = new Map<string, string>()
  const go = async (url: string, init: RequestInit = {}): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await ask(url, { ...init, headers: { accept: 'text/html', cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const location = answer.headers.get('location')
    return location === null ? answer : go(new URL(location, url).href)
  }
  const page = await go(`${of.origin}/device`)
  let shown = page.text
  return {
    async enter(code: string, more: Record<string, string> = {}): Promise<Answer> {
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(shown)?.[1] ?? ''
      const body = new URLSearchParams({ xsrf, user_code: code, ...more })
      const answer = await go(`${of.origin}/device`, { method: 'POST', body })
      shown = answer.text
      return answer
    },
  }
}

test('A41: the person sees who asks, from where and for what, confirms, and the device gets its token', async () => {
  const { json } = await begin()
  expect((await poll(json['device_code'])).json['error']).toBe('authorization_pending')
  const person = await browser()
  const confirm = await person.enter(String(json['user_code']))
  expect(confirm.text).toMatch(/"clientName":"A program".*"address":"127.0.0.1".*"scopes":\["notes:write"\]/)
  expect((await person.enter(String(json['user_code']), { confirm: 'yes' })).text).toContain('done')
  later(6)
  expect((await poll(json['device_code'])).json).toMatchObject({ scope: 'notes:write', token_type: 'Bearer' })
  later(12)
  expect((await poll(json['device_code'])).json['error']).toBe('invalid_grant')
})

test('A41: the link with the code in it still asks for the code', async () => {
  const { json } = await begin()
  const page = await ask(String(json['verification_uri_complete']), { headers: { accept: 'text/html' } })
  expect(page.text).not.toContain(String(json['user_code']))
  expect(page.text).toContain('op.deviceInputForm')
})

test('A43, H14: a device that asks too often is told to slow down, each time longer', async () => {
  const { json } = await begin()
  const errors: unknown[] = []
  for (const wait of [0, 1, 9, 11, 4]) {
    later(wait)
    errors.push((await poll(json['device_code'])).json['error'])
    vi.useRealTimers()
  }
  expect(errors.slice(0, 2)).toEqual(['authorization_pending', 'slow_down'])
  expect(errors).toContain('slow_down')
})

test('A43: and after ten minutes it is over', async () => {
  const { json } = await begin()
  later(601)
  expect(['expired_token', 'invalid_grant']).toContain((await poll(json['device_code'])).json['error'])
})

test('A42: five wrong codes, then nobody there may try for a minute', async () => {
  const locked = await createScene()
  const person = await browser(locked)
  for (let tries = 0; tries < 5; tries += 1) {
    expect((await person.enter('BBBB-BBBB')).text).toContain('input wrong')
  }
  expect((await person.enter('BBBB-BBBB')).status).toBe(429)
  later(61)
  expect((await (await browser(locked)).enter('BBBB-BBBB')).status).toBe(200)
  await locked.stop()
})

test('A42: a user code has more than 20 bits', async () => {
  const { json } = await begin()
  expect(json['user_code']).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
})

test('a person who says no', async () => {
  const { json } = await begin()
  const person = await browser()
  expect((await person.enter(String(json['user_code']), { abort: 'yes' })).text).toContain('input aborted')
  expect((await poll(json['device_code'])).json['error']).toBe('access_denied')
})

test('a client that did not register for it', async () => {
  const other = String((await register(scene)).json['client_id'])
  expect((await begin(scene, other)).status).toBe(400)
})
