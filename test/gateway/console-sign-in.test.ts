// The way into the console over real sockets: the link of a terminal and the form for a token, the cookie that they give,
// what it opens, and who may not use it.
import { hash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AdminPort, startAdminPort } from '../support/admin-port.ts'
import { consoleVisit, cookieIn, FORM_TYPE, pairIn, wordOf } from '../support/console-visit.ts'

const TOKEN = 'the token of the file'
const JUDGE = 'a long random word of judge'
const ADMIN = `token: "${TOKEN}", tokens: [{ name: judge, hash: "sha256:${hash('sha256', JUDGE)}", may: [view, approve] }]`
let port: AdminPort
beforeEach(async () => {
  port = await startAdminPort(ADMIN)
})
afterEach(() => port.close())

const { post, enter, statusOf } = consoleVisit(() => port)

describe('the link of a terminal', () => {
  test('shows a page whose button opens the console once', async () => {
    const link = port.link()
    expect(link).toMatch(new RegExp(`^${port.origin}/console/enter\\?word=[A-Za-z0-9_-]{43}$`))
    for (let times = 0; times < 2; times += 1) {
      const page = await port.ask(link.slice(port.origin.length))
      expect(page.status).toBe(200)
      expect(page.headers['set-cookie']).toBeUndefined()
      expect(page.body).toContain(`value="${wordOf(link)}"`)
    }
    const first = await post('/console/enter', { word: wordOf(link) })
    expect(first.status).toBe(303)
    expect(first.headers['location']).toBe('/console')
    expect(await statusOf('/console/view', pairIn(first))).toBe(200)
    const again = await post('/console/enter', { word: wordOf(link) })
    expect(again.status).toBe(403)
    expect(again.headers['set-cookie']).toBeUndefined()
    expect(port.events).toEqual([
      {
        event: 'operator_sign_in',
        actor: 'operator terminal',
        address: '127.0.0.1',
        detail: 'the link of the terminal',
      },
      {
        event: 'operator_sign_in_refused',
        actor: 'unknown',
        address: '127.0.0.1',
        detail: 'the link of the terminal',
      },
    ])
  })

  test('whoever enters may view and operate, and may not approve', async () => {
    const cookie = await enter()
    const statuses = await Promise.all(
      ['view', 'operate', 'approve'].map((right) => statusOf(`/console/${right}`, cookie)),
    )
    expect(statuses).toEqual([200, 200, 403])
  })

  test('a word with markup in it stays a word', async () => {
    const { body } = await port.ask(
      `/console/enter?word=${encodeURIComponent('"><script>alert(1)</script>')}`,
    )
    expect(body).not.toContain('<script>')
  })
})

describe('the form for a token', () => {
  test('gives the rights of the token, and never the token', async () => {
    const answer = await post('/console/sign-in', { token: JUDGE })
    expect(answer.status).toBe(303)
    expect(cookieIn(answer)).not.toContain(JUDGE)
    const cookie = pairIn(answer)
    expect(await statusOf('/console/approve', cookie)).toBe(200)
    expect(await statusOf('/console/operate', cookie)).toBe(403)
    expect(JSON.stringify(port.events)).not.toContain(JUDGE)
    expect(port.events[0]).toMatchObject({
      event: 'operator_sign_in',
      actor: 'operator judge',
      detail: 'a token',
    })
  })

  test('is there only where the file names a token', async () => {
    expect((await port.ask('/console/sign-in')).body).toContain('name="token"')
    port.reload('')
    expect((await port.ask('/console/sign-in')).body).not.toContain('name="token"')
  })

  test('H24: ten tries of a network may fail in a minute', async () => {
    const statuses: number[] = []
    for (let tries = 0; tries < 12; tries += 1)
      statuses.push((await post('/console/sign-in', { token: 'wrong' })).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429, 429])
    const late = await post('/console/sign-in', { token: TOKEN })
    expect(late.status).toBe(429)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    expect((await post('/console/enter', { word: wordOf(port.link()) })).status).toBe(429)
    expect(port.events).toHaveLength(10)
  })

  test('what was good counts as no try', async () => {
    for (let tries = 0; tries < 20; tries += 1)
      expect((await post('/console/sign-in', { token: TOKEN })).status).toBe(303)
  })

  test('a form that is too long, of no stated length, or no form', async () => {
    expect((await post('/console/sign-in', { token: 'x'.repeat(70_000) })).status).toBe(413)
    const chunked = {
      method: 'POST',
      headers: { 'content-type': FORM_TYPE, 'transfer-encoding': 'chunked' },
      body: 'token=x',
    }
    expect((await port.ask('/console/sign-in', chunked)).status).toBe(411)
    const json = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: TOKEN }),
    }
    expect((await port.ask('/console/sign-in', json)).status).toBe(403)
    const twice = {
      method: 'POST',
      headers: { 'content-type': FORM_TYPE },
      body: `token=${TOKEN}&token=${TOKEN}`,
    }
    expect((await port.ask('/console/sign-in', twice)).status).toBe(403)
  })
})

describe('whoever is nobody', () => {
  const asPerson = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
  test('a person is led to where they sign in', async () => {
    const answer = await port.ask('/console/view', { headers: asPerson })
    expect(answer.status).toBe(303)
    expect(answer.headers['location']).toBe('/console/sign-in')
    expect((await port.ask('/console/unknown', { headers: asPerson })).status).toBe(303)
  })

  test('anything else is 401', async () => {
    expect((await port.ask('/console/view')).status).toBe(401)
    expect((await port.ask('/metrics', { headers: asPerson })).status).toBe(401)
    expect((await port.ask('/console/view', { method: 'POST', headers: asPerson })).status).toBe(401)
    const wrong = { ...asPerson, authorization: 'Bearer wrong' }
    expect((await port.ask('/console/view', { headers: wrong })).status).toBe(401)
  })

  test('a token that is wrong is not saved by a cookie', async () => {
    const headers = { cookie: await enter(), authorization: 'Bearer wrong' }
    expect((await port.ask('/console/view', { headers })).status).toBe(401)
  })

  test('the pages keep to themselves', async () => {
    for (const path of ['/console/sign-in', '/console/enter?word=x']) {
      const { headers } = await port.ask(path)
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['referrer-policy']).toBe('no-referrer')
    }
  })
})
