// The session of a console over real sockets: what its cookie opens, what ends it, and which request may change something.
import { hash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AdminPort, startAdminPort } from '../support/admin-port.ts'
import { consoleVisit, cookieIn, pairIn, wordOf } from '../support/console-visit.ts'

const TOKEN = 'the token of the file'
const JUDGE = 'a long random word of judge'
const ADMIN = `token: "${TOKEN}", tokens: [{ name: judge, hash: "sha256:${hash('sha256', JUDGE)}", may: [view, approve] }]`
let port: AdminPort
beforeEach(async () => {
  port = await startAdminPort(ADMIN)
})
afterEach(() => port.close())

const { post, enter, formTokenOf, statusOf } = consoleVisit(() => port)

describe('the cookie', () => {
  test('on plain http: for this port and the console alone', async () => {
    const cookie = cookieIn(await post('/console/enter', { word: wordOf(port.link()) }))
    const { port: number } = new URL(port.origin)
    expect(cookie).toMatch(
      new RegExp(
        `^portcullis-console-${number}=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=/console; HttpOnly; SameSite=Strict$`,
      ),
    )
  })

  test('A46 on https: bound to the host', async () => {
    port.reload(`${ADMIN}, public_url: "https://admin.example.com"`)
    const host = 'admin.example.com'
    const link = port.link()
    expect(link.startsWith('https://admin.example.com/console/enter?word=')).toBe(true)
    const answer = await post('/console/enter', { word: wordOf(link) }, { host, origin: `https://${host}` })
    expect(cookieIn(answer)).toMatch(
      /^__Host-portcullis-console=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    )
    const headers = { host, cookie: pairIn(answer) }
    expect((await port.ask('/console/view', { headers })).status).toBe(200)
  })

  test('opens pages of the console, and nothing for machines', async () => {
    const cookie = await enter()
    for (const path of ['/readyz', '/readyz/shutdown', '/metrics'])
      expect(await statusOf(path, cookie)).toBe(401)
    const { origin } = port
    const value = cookie.split('=')[1] ?? ''
    expect(
      (await port.ask('/metrics', { headers: { authorization: `Bearer ${value}`, origin } })).status,
    ).toBe(401)
  })

  test('A47: sent twice it counts as none; of another session as itself', async () => {
    const [one, two] = [await enter(), await enter()]
    expect(await statusOf('/console/view', `${one}; ${two}`)).toBe(401)
    expect(await statusOf('/console/view', two)).toBe(200)
    expect(await statusOf('/console/view', `${one.slice(0, -1)}!`)).toBe(401)
  })

  test('A46: who signs in again has a new one, and the old one is over', async () => {
    const before = await enter()
    const answer = await post('/console/sign-in', { token: JUDGE }, { cookie: before })
    expect(pairIn(answer)).not.toBe(before)
    expect(await statusOf('/console/view', before)).toBe(401)
    expect(await statusOf('/console/view', pairIn(answer))).toBe(200)
  })

  test.each([
    ['another token', ADMIN.replace(TOKEN, 'a new token')],
    ['no token', ADMIN.replace(`token: "${TOKEN}", `, '')],
    ['other rights of a named one', ADMIN.replace('[view, approve]', '[view]')],
    ['no named one', `token: "${TOKEN}"`],
  ])('%s after a reload ends each session', async (_what, changed) => {
    const cookie = await enter()
    port.reload(ADMIN)
    expect(await statusOf('/console/view', cookie)).toBe(200)
    port.reload(changed)
    expect(await statusOf('/console/view', cookie)).toBe(401)
    port.reload(ADMIN)
    expect(await statusOf('/console/view', cookie)).toBe(401)
  })

  test('signing out ends it for every copy', async () => {
    const cookie = await enter()
    const csrf = await formTokenOf(cookie)
    expect((await post('/console/sign-out', {}, { cookie })).status).toBe(403)
    const answer = await post('/console/sign-out', { csrf }, { cookie })
    expect(answer.status).toBe(303)
    expect(answer.headers['location']).toBe('/console/sign-in')
    expect(cookieIn(answer)).toContain('Max-Age=0')
    expect(await statusOf('/console/view', cookie)).toBe(401)
    expect(port.events.at(-1)).toMatchObject({ event: 'operator_signed_out', actor: 'operator terminal' })
  })
})

describe('a change', () => {
  const change = async (
    cookie: string,
    { csrf, ...headers }: Readonly<Record<string, string>> & { readonly csrf: string },
  ) => {
    port.events.length = 0
    const { status } = await post('/console/operate', { csrf }, { cookie, ...headers })
    expect(port.events.length).toBe(status === 200 ? 1 : 0)
    return status
  }

  test('needs the word of the session, in the form or in a header', async () => {
    const cookie = await enter()
    const csrf = await formTokenOf(cookie)
    const foreign = await formTokenOf(await enter())
    expect(await change(cookie, { csrf })).toBe(200)
    expect(await change(cookie, { csrf: '', 'x-portcullis-csrf': csrf })).toBe(200)
    for (const wrong of ['', foreign, `${csrf}x`, csrf.slice(0, -1), cookie.split('=')[1] ?? ''])
      expect(await change(cookie, { csrf: wrong })).toBe(403)
    expect(await change(cookie, { csrf, 'x-portcullis-csrf': foreign })).toBe(403)
  })

  test('A24: comes from the same origin', async () => {
    const cookie = await enter()
    const csrf = await formTokenOf(cookie)
    const { origin } = port
    for (const headers of [
      { origin },
      { origin, 'sec-fetch-site': 'same-origin' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' }, // a form of a page without a referrer
      { 'sec-fetch-site': 'same-origin' },
    ])
      expect(await change(cookie, { csrf, ...headers })).toBe(200)
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' }, // another program of this machine
      { origin: origin.replace('http', 'https') },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ])
      expect(await change(cookie, { csrf, ...headers })).toBe(403)
  })

  test('K09: Host is a name of the port', async () => {
    const cookie = await enter()
    const csrf = await formTokenOf(cookie)
    for (const host of ['evil.example', 'mcp.example.com', '127.0.0.1.evil.example']) {
      expect(await change(cookie, { csrf, host })).toBe(401)
      expect((await port.ask('/console/view', { headers: { cookie, host } })).status).toBe(401)
      expect((await post('/console/sign-in', { token: TOKEN }, { host })).status).toBe(403)
      expect((await port.ask('/console/sign-in', { headers: { host } })).status).toBe(403)
    }
  })

  test('one that a page of another site sends begins no session', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const answer = await post('/console/sign-in', { token: TOKEN }, headers)
    expect(answer.status).toBe(403)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(port.events).toEqual([])
  })
})
