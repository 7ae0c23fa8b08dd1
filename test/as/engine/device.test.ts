// Signing in on another device (RFC 8628).
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Answer, ask, createScene, postForm, register, type Scene } from './scene.ts'
import { expectError, later } from './steps.ts'

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
    /** The head is sent; the body with what is returned. */
    async hold(code: string): Promise<() => Promise<string>> {
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(shown)?.[1] ?? ''
      const body = new URLSearchParams({ xsrf, user_code: code }).toString()
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const type = 'application/x-www-form-urlencoded'
      const outgoing = request(`${of.origin}/device`, {
        method: 'POST',
        agent: new Agent(),
        headers: {
          ...{ accept: 'text/html', cookie, 'content-type': type, 'content-length': body.length },
          expect: '100-continue',
        },
      })
      const answered = once(outgoing, 'response').then(([response]) => text(response))
      outgoing.flushHeaders()
      await once(outgoing, 'continue') // so the server is at work on it
      return () => {
        outgoing.end(body)
        return answered
      }
    },
    async enter(code: string, more: Record<string, string> = {}): Promise<Answer> {
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(shown)?.[1] ?? ''
      const body = new URLSearchParams({ xsrf, user_code: code, ...more })
      const answer = await go(`${of.origin}/device`, { method: 'POST', body })
      shown = answer.text
      return answer
    },
  }
}

const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'

/** The so many-th user code. */
function codeOf(index: number): string {
  const digits = index.toString(20).padStart(8, '0')
  const letters = [...digits].map((digit) => LETTERS[Number.parseInt(digit, 20)]).join('')
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
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

test('A41: the link with the code in it fills the field, and nothing goes on before the person sends it', async () => {
  const { json } = await begin()
  const page = await ask(String(json['verification_uri_complete']), { headers: { accept: 'text/html' } })
  expect(page.text).toContain(`input undefined ${json['user_code']}`)
  expect(page.text).toContain('op.deviceInputForm')
  expect(page.text).not.toContain('confirm')
  expect((await poll(json['device_code'])).json['error']).toBe('authorization_pending')
})

test('A43, H14: a device that asks too often is told to slow down, each time 5 seconds longer', async () => {
  const { json } = await begin()
  const errors: unknown[] = []
  // 5 s to wait at first; each question that is too soon adds 5 s.
  for (const wait of [0, 4, 9, 14, 20, 20]) {
    later(wait)
    errors.push((await poll(json['device_code'])).json['error'])
  }
  const [pending, slow] = ['authorization_pending', 'slow_down']
  expect(errors).toEqual([pending, slow, slow, slow, pending, pending])
})

test('A43: 100 questions at once: one is answered, the others are told to slow down', async () => {
  const { json } = await begin()
  const answers = await Promise.all(Array.from({ length: 100 }, () => poll(json['device_code'])))
  const errors = answers.map((answer) => answer.json['error'])
  expect(errors.filter((error) => error === 'authorization_pending')).toHaveLength(1)
  expect(errors.filter((error) => error === 'slow_down')).toHaveLength(99)
})

test('A41, A43: and after ten minutes it is over, for the device and for the person', async () => {
  const { json } = await begin()
  expect(json['expires_in']).toBe(600)
  const person = await browser()
  later(601)
  expectError(await poll(json['device_code']), 400, 'expired_token')
  expect((await person.enter(String(json['user_code']))).text).toContain('input wrong')
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

test('A42: of fifty guesses under way at once, whose bodies come later, five are answered', async () => {
  const locked = await createScene()
  const guesses: (() => Promise<string>)[] = []
  for (let index = 0; index < 50; index += 1) guesses.push(await (await browser(locked)).hold(codeOf(index)))
  const answers = await Promise.all(guesses.map((send) => send()))
  expect(answers.filter((page) => page.includes('input wrong'))).toHaveLength(5)
  expect(answers.filter((page) => page.includes('too many'))).toHaveLength(45)
  await locked.stop()
})

test('A42: right codes are not counted', async () => {
  const calm = await createScene()
  const answer = await register(calm, { grant_types: [GRANT], redirect_uris: [], response_types: [] })
  for (let round = 0; round < 7; round += 1) {
    const { json } = await begin(calm, String(answer.json['client_id']))
    expect((await (await browser(calm)).enter(String(json['user_code']))).text).toContain('confirm')
  }
  await calm.stop()
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

test('A41: a client of this machine that did not register for it gets no code', async () => {
  const other = String((await register(scene)).json['client_id'])
  expectError(await begin(scene, other), 400, 'invalid_request')
})
