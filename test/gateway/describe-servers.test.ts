// What pages learn of a server by asking it: its title, its icon and its tools, when a page first needs them, kept for a while; and
// nothing, soon enough, of one that is silent, refuses or lies.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RouteSettings } from '../../src/core/settings.ts'
import { createServerDescriptions, type ServerDescriptions } from '../../src/gateway/describe-servers.ts'
import { settingsOf } from '../config/support.ts'
import { type Respond, startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let descriptions: ServerDescriptions
let now = 0
beforeEach(async () => {
  upstream = await startUpstream()
  descriptions = createServerDescriptions(() => now)
})
afterEach(async () => {
  await descriptions.close()
  await upstream.close()
})

/** A server of 2025-11-25. */
function answering(serverInfo: unknown, tools: readonly unknown[] = []): Respond {
  return ({ body }, response) => {
    const { id, method } = JSON.parse(body.toString() || '{}') as { id?: number; method?: string }
    const results: Readonly<Record<string, unknown>> = {
      initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo },
      'tools/list': { tools },
    }
    const result = results[method ?? '']
    const error = { code: -32601, message: 'Method not found' }
    response.writeHead(id === undefined ? 202 : 200, { 'content-type': 'application/json' })
    response.end(
      id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) }),
    )
  }
}

function routeWith(more = ''): RouteSettings {
  const text = `
public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
issuers: { corp: { issuer: https://login.example.com } }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${upstream.url}
    issuers: [corp]
    scopes: [use]
    policy: { default: allow }
${more}`
  return settingsOf(text).routes[0] as RouteSettings
}

test('its title and the worst of its tools, asked once in ten minutes', async () => {
  upstream.respond = answering({ name: 'notes-server', title: 'Notes' }, [
    { name: 'list' },
    { name: 'delete_note' },
  ])
  const describe = descriptions.of(routeWith())
  expect(upstream.received).toEqual([])
  expect(await describe()).toMatchObject({ title: 'Notes', dangers: new Map([['use', 'destructive']]) })
  const asked = upstream.received.length
  await describe()
  expect(upstream.received.length).toBe(asked)
  now += 10 * 60_000
  upstream.respond = answering({ name: 'notes-server' })
  expect(await describe()).toMatchObject({ title: 'notes-server', dangers: new Map() })
})

test('a title that goes on for megabytes is cut', async () => {
  upstream.respond = answering({ name: 'x'.repeat(2_000_000) })
  expect((await descriptions.of(routeWith())()).title).toHaveLength(200)
})

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const AT = 'https://icons.example/notes.png'

const ICONS: readonly (readonly [what: string, icons: unknown, shown: object])[] = [
  ['an address', [{ src: AT }], { iconUrl: AT }],
  [
    'the first that is no SVG',
    [{ src: 'https://a.example/a.svg', mimeType: 'image/svg+xml' }, { src: AT }],
    { iconUrl: AT },
  ],
  [
    'the one for a light page',
    [
      { src: 'https://a.example/d.png', theme: 'dark' },
      { src: AT, mimeType: 'image/PNG' },
    ],
    { iconUrl: AT },
  ],
  ['the one for a dark page where there is no other', [{ src: AT, theme: 'dark' }], { iconUrl: AT }],
  ['the picture itself', [{ src: `data:image/png;base64,${PNG}` }], { icon: `data:image/png;base64,${PNG}` }],
  [
    'a picture of another type than it says',
    [{ src: `data:image/webp;base64,${PNG}` }],
    { icon: `data:image/png;base64,${PNG}` },
  ],
  ['no script', [{ src: 'javascript:alert(1)' }], {}],
  ['no plain http', [{ src: 'http://icons.example/notes.png' }], {}],
  ['no SVG in the answer', [{ src: `data:image/svg+xml;base64,${PNG}`, mimeType: 'image/svg+xml' }], {}],
  ['nothing that is called a picture and is none', [{ src: 'data:image/png;base64,AAAA' }], {}],
  ['nothing that is not base64', [{ src: 'data:image/png,%89PNG' }], {}],
  ['nothing of a list that is none', { src: AT }, {}],
  ['nothing of what is no icon', [null, 7, 'x', {}, { src: 7 }], {}],
  [
    'nothing behind a hundred others',
    [...Array.from({ length: 100 }, () => ({ src: 'x' })), { src: AT }],
    {},
  ],
  ['nothing of megabytes', [{ src: `data:image/png;base64,${'A'.repeat(2_000_000)}` }], {}],
]

test.each(ICONS)('of the icons that it names: %s', async (_what, icons, shown) => {
  upstream.respond = answering({ name: 'notes', icons })
  const { title: _title, dangers: _dangers, ...icon } = await descriptions.of(routeWith())()
  expect(icon).toEqual(shown)
})

test('the icon of the file is believed more, and the server is asked for what the file does not say', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'icons-')), 'own.png')
  writeFileSync(file, Buffer.from(PNG, 'base64'))
  upstream.respond = answering({ name: 'notes', icons: [{ src: AT }] })
  const described = await descriptions.of(routeWith(`    icon: ${file}\n    title: Ours\n`))()
  expect(described).toMatchObject({ title: 'Ours', icon: `data:image/png;base64,${PNG}` })
  expect(described.iconUrl).toBeUndefined()
})

test('the title of the file is believed more', async () => {
  upstream.respond = answering({ name: 'x', title: 'Somebody else’s bank' })
  expect((await descriptions.of(routeWith('    title: Our notes\n'))()).title).toBe('Our notes')
})

test.each<[string, Respond]>([
  ['refuses', (_request, response) => response.writeHead(401).end()],
  ['fails', (_request, response) => response.writeHead(500).end()],
  ['hangs up', (_request, response) => response.destroy()],
  ['says no JSON', (_request, response) => response.writeHead(200).end('<h1>Notes</h1>')],
  ['says nothing of itself', answering(undefined)],
  ['has a number for a name', answering({ name: 7, title: ['x'] })],
  ['has an empty name', answering({ name: '', title: '  ' })],
])('nothing of a server that %s', async (_what, respond) => {
  upstream.respond = respond
  expect(await descriptions.of(routeWith())()).toMatchObject({ title: undefined, dangers: new Map() })
})

test('a page does not wait for a server that is silent, and closing ends the question', async () => {
  upstream.respond = () => undefined
  expect((await descriptions.of(routeWith())()).title).toBeUndefined()
  await descriptions.close()
  await expect.poll(() => [...upstream.sockets].filter(({ destroyed }) => !destroyed).length).toBe(0)
})
