// The console's calls over the administration port of a whole gateway: who may look, what a page and its event stream
// say, and that nothing that a caller chose acts there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { overWire } from '../support/wire.ts'
import { openEvents } from './events.ts'

const TOKEN = 'an admin token for the test'
const SHOWN = { authorization: `Bearer ${TOKEN}` }
const PATHS = ['', '/calls', '/calls/events', '/style.css', '/script.js']

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    admin: '{ listen: 127.0.0.1:0, token: "${ADMIN}" }',
    env: { ADMIN: TOKEN, OTHER: 'another token of the admin' },
  })
})
afterAll(() => gateway.close())

const urlOf = (path: string) => `${gateway.running.adminOrigin}/console${path}`
const get = (path: string, headers: Readonly<Record<string, string>> = SHOWN) =>
  fetch(urlOf(path), { headers })
const pageOf = async (path: string) => (await get(path)).text()

describe('who may look', () => {
  test.each(PATHS)('%j: nothing without the token, and nothing of it on the public port', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer another' }]) {
      const response = await get(path, headers)
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({ error: 'unauthorized' })
    }
    expect((await fetch(`${gateway.origin}/console${path}`, { headers: SHOWN })).status).toBe(404)
  })

  test.each(PATHS)('%j: nothing on loopback where the file names no token', async (path) => {
    const open = await startTestGateway()
    try {
      const response = await fetch(`${open.running.adminOrigin}/console${path}`)
      expect(response.status).toBe(401)
      expect(await response.text()).not.toContain('as1')
    } finally {
      await open.close()
    }
  })

  test('a page with the headers that keep it to itself', async () => {
    const { status, headers } = await get('/calls')
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    const page = await pageOf('/calls')
    expect(page).not.toMatch(
      /<script(?! src="\/console\/script\.js" defer><\/script>)|<style|\son\w+=|style=/,
    )
  })
})

describe('what is shown', () => {
  test('routes, with what their issuers and upstreams said last', async () => {
    await gateway.post(toolCall('safe'))
    const page = await pageOf('')
    expect(page).toContain(`${gateway.origin}/mcp/a`)
    expect(page).toContain('<bdi>as1</bdi>')
    expect(page).toMatch(/a upstream<\/bdi><\/td>\s*<td><span class="state">ready/)
    const { respond } = gateway.upstream
    gateway.upstream.respond = (_request, response) => void response.socket?.resetAndDestroy()
    await gateway.post(toolCall('safe'))
    gateway.upstream.respond = respond
    expect(await pageOf('')).toMatch(/state no">not ready<[\s\S]*upstream_unreachable/)
    await gateway.post(toolCall('safe'))
  })

  test('a call with who, what, how it went, why and by which rule; and the filter finds it', async () => {
    await gateway.post(toolCall('danger'), {
      authorization: `Bearer ${gateway.token('a', { sub: 'grace' })}`,
    })
    const page = await pageOf('/calls?q=subject:grace')
    expect(page).toMatch(
      /<bdi>grace<\/bdi>[\s\S]*<bdi>client-1<\/bdi>[\s\S]*<bdi>a<\/bdi>[\s\S]*<bdi>danger<\/bdi>/,
    )
    expect(page).toMatch(
      /refused: needs admin<\/bdi> <code><bdi>scope_missing<\/bdi><\/code>[\s\S]*<bdi>danger<\/bdi>/,
    )
    expect(page.match(/<tr class="refused">/g)).toHaveLength(1)
    expect(await pageOf('/calls?q=subject:nobody')).toContain('0 that fit')
  })

  test.each(PATHS)('%j: the answer of HEAD is empty, and there is no POST', async (path) => {
    const head = await fetch(urlOf(path), { method: 'HEAD', headers: SHOWN })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-type')).toMatch(/^text\//)
    expect((await fetch(urlOf(path), { method: 'POST', headers: SHOWN })).status).toBe(404)
  })
})

describe('the event stream', () => {
  test('a page has the newest 50 rows, and its stream brings the others', async () => {
    const authorization = `Bearer ${gateway.token('a', { sub: 'many' })}`
    for (let nth = 0; nth < 60; nth += 1) await gateway.post(toolCall('safe'), { authorization })
    const rowsIn = (text = '') => text.match(/<tr>/g)?.length
    const page = await pageOf('/calls?q=subject:many')
    expect(rowsIn(page.split('<tbody')[1])).toBe(50)
    expect(page).toContain('The newest 50 that fit, of ')
    const events = await openEvents(urlOf('/calls/events?q=subject:many'), SHOWN)
    const { rows, tally } = await events.next()
    events.close()
    expect([rowsIn(rows), tally]).toEqual([60, expect.stringContaining('60 that fit, of ')])
  })

  test('all that fit, then each call as it ends', async () => {
    await gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', { sub: 'before' })}` })
    const events = await openEvents(urlOf('/calls/events?q=subject:live-%20tool:safe'), SHOWN)
    expect((await events.next()).tally).toContain('0 that fit')
    for (const sub of ['live-1', 'other', 'live-2'])
      await gateway.post(toolCall('safe'), { authorization: `Bearer ${gateway.token('a', { sub })}` })
    let rows = ''
    while (!rows.includes('live-2')) rows += (await events.next()).rows
    expect(rows).toContain('live-1')
    expect(rows).not.toMatch(/other|before/)
    events.close()
  })

  test('ends when the token counts no more', async () => {
    const events = await openEvents(urlOf('/calls/events'), SHOWN)
    await events.next()
    await gateway.reload({ admin: '{ listen: 127.0.0.1:0, token: "${OTHER}" }' })
    await events.ended()
    await gateway.reload()
  })

  test('an operator has a quarter of the live pages, and gets the places back', async () => {
    const opened = await Promise.all(
      Array.from({ length: 16 }, () => openEvents(urlOf('/calls/events'), SHOWN)),
    )
    expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 200))
    expect((await get('/calls/events')).status).toBe(429)
    for (const events of opened) events.close()
    await expect
      .poll(async () => {
        const again = await openEvents(urlOf('/calls/events'), SHOWN)
        again.close()
        return again.status
      })
      .toBe(200)
  })
})

describe('names that somebody else chose', () => {
  const HOSTILE = [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '\u202eevil\u2066',
    'a\u0000b\u001b[31mc\u009b',
    'zero\u200bwidth\u2028line',
    '&lt;b&gt;',
    '</td></tr></table>',
    'data: x\n\nevent: all\ndata: {}',
  ]

  test.each(HOSTILE)('%j acts nowhere, in a page or an event', async (name) => {
    const authorization = `Bearer ${gateway.token('a', { sub: name, client_id: name })}`
    await gateway.post(toolCall(name), { authorization })
    const page = await pageOf('/calls')
    const events = await openEvents(urlOf('/calls/events'), SHOWN)
    const { rows } = await events.next()
    events.close()
    for (const text of [page, rows]) {
      expect(text).toContain('call_forbidden')
      expect(text).not.toMatch(
        /<img|<script>|<b>|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2066\u200b\u2028]/,
      )
      expect(text.match(/<\/table>/g)?.length ?? 0).toBeLessThanOrEqual(1)
    }
  })

  test('the filter is shown as it was typed', async () => {
    const page = await pageOf(`/calls?q=${encodeURIComponent('"><script>alert(1)</script>')}`)
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
  })

  test('a request that no route was asked for is there too, with what it named', async () => {
    await overWire(gateway.origin, 'GET /mcp/a HTTP/1.1\r\nHost: <b>evil</b>.example\r\n\r\n', 1)
    const page = await pageOf('/calls?q=reason:host_forbidden')
    expect(page).toContain('nothing is served as &lt;b&gt;evil&lt;/b&gt;.example')
    expect(page).not.toContain('<b>')
  })
})
