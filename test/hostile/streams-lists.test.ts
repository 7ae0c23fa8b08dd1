// L rows about lists over real sockets: however the upstream dresses one, the forbidden name never reaches the
// client, and what is allowed does.
import type { ServerResponse } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutSeals } from '../support/event-ids.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'
import { openStream } from '../support/stream.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const BOTH = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"safe"},{"name":"danger"}]}}'
const SAFE = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"safe"}]}}'
const UNREADABLE =
  '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"The MCP server sent a list that cannot be read"}}'

type Headers = Readonly<Record<string, string>>

/** What the client gets for `tools/list` when the upstream answers so. */
async function list(answer: (response: ServerResponse) => unknown) {
  gateway.upstream.respond = (_request, response) => answer(response)
  const { body, headers } = legacy('tools/list')
  return await gateway.post(body, headers)
}

function json(status: number, headers: Headers, body: string | Buffer) {
  return list((response) => response.writeHead(status, headers).end(body))
}

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a list in a JSON answer', () => {
  const filtered: readonly (readonly [string, number, Headers])[] = [
    ['L07 plain', 200, JSON_TYPE],
    ['L07 capitals', 200, { 'content-type': 'Application/JSON' }],
    ['L07 with a parameter', 200, { 'content-type': 'application/json ;charset=utf-8' }],
    ['L08 201', 201, JSON_TYPE],
    ['L08 203', 203, JSON_TYPE],
    ['L08 206', 206, JSON_TYPE],
    ['L08 299', 299, JSON_TYPE],
    ['L08 404', 404, JSON_TYPE],
    ['L08 500', 500, JSON_TYPE],
    ['L10 a coding that is none', 200, { ...JSON_TYPE, 'content-encoding': 'identity' }],
  ]
  test.each(filtered)('%s: filtered, the status kept', async (_, status, headers) => {
    const response = await json(status, headers, BOTH)
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(SAFE)
  })

  const gzipped = { ...JSON_TYPE, 'content-encoding': 'gzip' }
  const withheld: readonly (readonly [string, Headers, string | Buffer])[] = [
    ['L07 text/plain', { 'content-type': 'text/plain' }, BOTH],
    ['L07 octets', { 'content-type': 'application/octet-stream' }, BOTH],
    ['L07 text/html', { 'content-type': 'text/html' }, BOTH],
    ['L07 L39 no type', {}, BOTH],
    ['L10 gzip', gzipped, gzipSync(BOTH)],
    ['L10 gzip twice', { ...gzipped, 'content-encoding': 'gzip, gzip' }, gzipSync(gzipSync(BOTH))],
    ['L10 br', { ...gzipped, 'content-encoding': 'br' }, brotliCompressSync(BOTH)],
    ['L10 said to be gzip', gzipped, BOTH],
    ['L18 result twice', JSON_TYPE, BOTH.replace('"result"', '"result":{"tools":[]},"result"')],
    ['L06 result and error', JSON_TYPE, BOTH.replace('"result"', '"error":{},"result"')],
    ['F16 truncated', JSON_TYPE, BOTH.slice(0, -3)],
    ['F16 HTML', JSON_TYPE, `<html>tools ${BOTH}`],
  ]
  test.each(withheld)('%s: withheld', async (_, headers, body) => {
    const response = await json(200, headers, body)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ id: 1, error: { code: -32603 } })
  })

  test('L08 an unreadable error keeps its status and loses its body', async () => {
    const response = await json(500, { 'content-type': 'text/plain' }, BOTH)
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('')
  })

  test('L09 headers first, the list in pieces: the wire status is the upstream’s', async () => {
    const response = await list((upstream) => {
      upstream.writeHead(201, JSON_TYPE)
      upstream.flushHeaders()
      upstream.write(BOTH.slice(0, 70), () => upstream.end(BOTH.slice(70)))
    })
    expect(response.status).toBe(201)
    expect(await response.text()).toBe(SAFE)
  })

  test('L12 L14 a filtered list is for nobody’s cache', async () => {
    const headers = { ...JSON_TYPE, etag: '"a"', 'last-modified': 'x', 'cache-control': 'public, max-age=60' }
    const cached = BOTH.replace('"tools"', '"cacheScope":"public","ttlMs":86400000,"tools"')
    const response = await json(200, headers, cached)
    expect(response.headers.get('etag')).toBeNull()
    expect(response.headers.get('last-modified')).toBeNull()
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { result } = (await response.json()) as { result: { cacheScope: string; ttlMs: number } }
    expect(result.cacheScope).toBe('private')
    expect(result.ttlMs).toBeLessThanOrEqual(600_000)
  })

  test('L13 L27 two callers, two lists, never from a cache', async () => {
    gateway.upstream.respond = (_request, response) => response.writeHead(200, JSON_TYPE).end(BOTH)
    const { body, headers } = legacy('tools/list')
    const seenBy = async (scope: string) => {
      const authorization = `Bearer ${gateway.token(scope, { sub: scope })}`
      return (await gateway.post(body, { ...headers, authorization })).text()
    }
    const before = gateway.upstream.received.length
    expect(await Promise.all([seenBy('a'), seenBy('a admin'), seenBy('a')])).toEqual([SAFE, BOTH, SAFE])
    expect(gateway.upstream.received.length).toBe(before + 3)
  })

  test('L11 an empty page keeps its cursor', async () => {
    const page = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"danger"}],"nextCursor":"c2"}}'
    expect(await (await json(200, JSON_TYPE, page)).text()).toBe(page.replace('{"name":"danger"}', ''))
  })

  test('L06 LEG-07 a batch: the list inside it is filtered', async () => {
    gateway.upstream.respond = (_request, response) => response.writeHead(200, JSON_TYPE).end(`[${BOTH}]`)
    const response = await gateway.post([legacy('tools/list').body, legacy('ping', {}, 2).body])
    expect(await response.text()).toBe(`[${SAFE}]`)
  })
})

describe('a list on an event stream', () => {
  const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"tools"}}'
  const events: readonly (readonly [string, string, string])[] = [
    ['L01 over two data lines', `data: ${BOTH.replace('},', '},\ndata: ')}\n\n`, `data: ${SAFE}\n\n`],
    ['L02 two messages in one event', `data: ${SAFE}\ndata: ${BOTH}\n\n`, `data: ${UNREADABLE}\n\n`],
    ['L03 CR', `data: ${BOTH}\r\r`, `data: ${SAFE}\r\r`],
    ['L03 CRLF', `id: 7\r\ndata: ${BOTH}\r\n\r\n`, `id: sealed\r\ndata: ${SAFE}\r\n\r\n`],
    ['L03 mixed', `: x\rdata: ${BOTH}\n\r\n`, `: x\rdata: ${SAFE}\n\r\n`],
    ['L04 a mark first', `\ufeffdata: ${BOTH}\n\n`, `data: ${SAFE}\n\n`],
    ['L04 a mark in the data', `data: \ufeff${BOTH}\n\n`, `data: ${SAFE}\n\n`],
    [
      'L05 a notification, a comment and junk first',
      `data: ${note}\n\n: hi\n\ndata: not JSON\n\ndata: ${BOTH}\n\n`,
      `data: ${note}\n\n: hi\n\ndata: not JSON\n\ndata: ${SAFE}\n\n`,
    ],
    [
      'L06 method and result',
      `data: ${BOTH.replace('"id"', '"method":"x","id"')}\n\n`,
      `data: ${UNREADABLE}\n\n`,
    ],
    ['L06 id null', `data: ${BOTH.replace('"id":1', '"id":null')}\n\n`, `data: ${UNREADABLE}\n\n`],
    ['L06 a batch', `data: [${BOTH}]\n\n`, `data: [${SAFE}]\n\n`],
    [
      'L16 UTF-16 words',
      `data: ${BOTH.replace('tools', '\\u0074ools')}\n\n`,
      `data: ${SAFE.replace('tools', '\\u0074ools')}\n\n`,
    ],
    [
      'LEG-08 priming, retry and ids',
      `id: 1\ndata:\n\nretry: 5\n\ndata: ${BOTH}\n\n`,
      `id: sealed\ndata:\n\nretry: 5\n\ndata: ${SAFE}\n\n`,
    ],
    ['an event without its end', `data: ${SAFE}\n\ndata: ${BOTH}\n`, `data: ${SAFE}\n\n`],
  ]
  test.each(events)('%s', async (_, sent, received) => {
    const response = await list((upstream) => {
      upstream.writeHead(200, { 'content-type': 'text/event-stream' })
      upstream.end(sent)
    })
    expect(response.status).toBe(200)
    expect(withoutSeals(Buffer.from(await response.arrayBuffer()).toString())).toBe(received)
  })

  test.each(events)('%s, byte by byte', async (_, sent, received) => {
    const response = await list(async (upstream) => {
      upstream.socket?.setNoDelay(true)
      upstream.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const byte of Buffer.from(sent)) {
        await new Promise((resolve) => upstream.write(Buffer.of(byte), resolve))
      }
      upstream.end()
    })
    expect(withoutSeals(Buffer.from(await response.arrayBuffer()).toString())).toBe(received)
  })

  test('L10 a compressed event stream is not passed on', async () => {
    const response = await list((upstream) => {
      upstream.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      upstream.end(gzipSync(`data: ${BOTH}\n\n`))
    })
    expect(response.status).toBe(502)
  })

  test('L05 L23 LEG-09 a list that is replayed on the GET stream is filtered too', async () => {
    const first = await list((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('id: 3\ndata:\n\n')
    })
    const id = /^id: (.+)$/m.exec(await first.text())?.[1] ?? ''
    gateway.upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`id: 4\ndata: ${BOTH}\n\ndata: ${BOTH.replace('}]', '}],"tools":[')}\n\n: end\n\n`)
    }
    const headers = { authorization: `Bearer ${gateway.token()}`, 'last-event-id': id }
    const stream = await openStream(gateway.resource, { headers })
    expect(await stream.ended).toBe('whole')
    // Nobody is known to wait for the second, which cannot be read: it is dropped.
    expect(withoutSeals(stream.text())).toBe(`id: sealed\ndata: ${SAFE}\n\n: end\n\n`)
    expect(gateway.upstream.received.at(-1)?.headers['last-event-id']).toBe('3')
  })
})

test('L16 a tool that is denied, hidden or unknown is answered alike', async () => {
  const answerTo = async (name: string) => {
    const { body, headers } = legacy('tools/call', { name })
    const response = await gateway.post(body, headers)
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: await response.text(),
    }
  }
  const unknown = await answerTo('no-such-tool')
  expect(unknown.status).toBe(403)
  expect(await answerTo('forbidden')).toEqual(unknown)
})
