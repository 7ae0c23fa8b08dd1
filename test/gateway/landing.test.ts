// What a person sees who opens the address of a server, or the root, in a browser; and that an MCP client which asks at
// the same address hears the same 401 as ever, byte for byte.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testLooks } from '../as/support/axe.ts'
import { hasChromium } from '../as/support/chromium.ts'
import { DEFAULT_POLICY, startTestGateway, type TestGateway } from '../support/gateway.ts'

/** What Chromium 140 and Firefox 140 send for an address that is typed. */
const CHROMIUM =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7'
const FIREFOX = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    route: '    title: Notes',
    top: 'branding: { name: Acme Tools, support: https://acme.example/help, privacy: https://acme.example/privacy, terms: https://acme.example/terms }',
    auditRequired: true,
  })
})
afterAll(() => gateway.close())

const open = (path: string, headers: Readonly<Record<string, string>>, method = 'GET') =>
  fetch(gateway.origin + path, { method, headers, redirect: 'manual' })

describe('a person', () => {
  test.each([CHROMIUM, FIREFOX, 'text/html'])(
    'with Accept %s: a page, under the same 401',
    async (accept) => {
      const client = await open('/mcp/a', { accept: 'text/event-stream' })
      const answer = await open('/mcp/a', { accept, 'accept-language': 'en' })
      const body = await answer.text()
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe(client.headers.get('www-authenticate'))
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; img-src data:;/)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(body).toContain('<h1>Notes</h1>')
      expect(body).toContain(`<code class="block">${gateway.resource}</code>`)
      expect(body).toContain(`claude mcp add --transport http a ${gateway.resource}`)
      expect(gateway.audit().at(-1)).toMatchObject({ status: 401, reason: 'token_missing' })
    },
  )

  test('in German, and HEAD without a body', async () => {
    const headers = { accept: FIREFOX, 'accept-language': 'de-DE' }
    expect(await (await open('/mcp/a', headers)).text()).toContain(
      'Fügen Sie diese Adresse in Ihrer App hinzu',
    )
    const head = await open('/mcp/a', headers, 'HEAD')
    expect([head.status, await head.text()]).toEqual([401, ''])
    expect(head.headers.get('www-authenticate')).toMatch(/^Bearer /)
  })

  test('at the root: who runs it, and the only server, which the metadata of the root names too', async () => {
    const answer = await open('/', { accept: CHROMIUM })
    const body = await answer.text()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(body).toContain('<h1>MCP servers at Acme Tools</h1>')
    expect(body).toContain(gateway.resource)
  })
})

test('RFC 9728 §2: clients are told the title, the policy and the terms', async () => {
  const answer = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`)
  expect(await answer.json()).toMatchObject({
    resource_name: 'Notes',
    resource_policy_uri: 'https://acme.example/privacy',
    resource_tos_uri: 'https://acme.example/terms',
  })
})

describe('everybody else hears what they always heard', () => {
  test.each([
    ['nothing in particular', {}],
    ['anything', { accept: '*/*' }],
    ['a stream', { accept: 'text/event-stream' }],
    ['JSON or a stream', { accept: 'application/json, text/event-stream' }],
    ['HTML, and a stream too', { accept: 'text/html, text/event-stream;q=0.1' }],
    ['HTML, and JSON too', { accept: 'application/json, text/html' }],
    ['no HTML', { accept: 'text/html;q=0, */*' }],
    ['HTML, with a token that is none', { accept: 'text/html', authorization: 'Bearer x' }],
    ['HTML far behind', { accept: `${'a/b, '.repeat(300)}text/html` }],
  ])('%s', async (_what, headers) => {
    const answer = await open('/mcp/a', headers)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/json'])
    expect((await open('/', headers)).status).toBe(404)
  })

  test('a POST that wants HTML', async () => {
    const answer = await open('/mcp/a', { accept: CHROMIUM, 'content-type': 'application/json' }, 'POST')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/json'])
  })

  test('another path, another host', async () => {
    expect((await open('/other', { accept: CHROMIUM })).status).toBe(404)
    expect((await open('/mcp/a/x', { accept: CHROMIUM })).status).toBe(404)
  })
})

test('with two servers the root names none of them', async () => {
  const beside = `
  - name: b
    path: /mcp/b
    upstream: http://127.0.0.1:1/mcp
    issuers: [as1]`
  const two = await startTestGateway({ route: '    title: Notes', policy: DEFAULT_POLICY + beside })
  try {
    const body = await (await fetch(`${two.origin}/`, { headers: { accept: CHROMIUM } })).text()
    expect(body).toContain('Ask whoever gave you this address')
    expect(body).not.toMatch(/mcp\/[ab]|Notes/)
  } finally {
    await two.close()
  }
})

describe.runIf(hasChromium)('in Chromium', () => {
  testLooks([
    [
      'landing',
      async ({ page }) => {
        await page.goto(gateway.resource)
        await page.getByRole('heading', { name: 'Notes' }).waitFor()
      },
    ],
    [
      'root',
      async ({ page }) => {
        await page.goto(gateway.origin)
        await page.getByRole('heading', { name: 'MCP servers at Acme Tools' }).waitFor()
      },
    ],
  ])
})
