// L29 to L39: what a broken or hostile upstream may put on the wire, and what of it a client sees.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutSeals } from '../support/event-ids.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy, type Sendable } from '../support/messages.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'
import { openStream } from '../support/stream.ts'

let gateway: TestGateway
let upstream: RawUpstream
beforeAll(async () => {
  upstream = await startRawUpstream()
  gateway = await startTestGateway({ upstreamUrl: upstream.url, upstream: 'timeout: 1s,' })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{}}'

async function send({ body, headers }: Sendable = callOf('legacy')) {
  const authorization = `Bearer ${gateway.token()}`
  const stream = await openStream(gateway.resource, {
    method: 'POST',
    body,
    headers: { ...headers, authorization },
  })
  const ended = await stream.ended
  return {
    status: stream.status,
    headers: stream.headers,
    raw: stream.incoming.rawHeaders,
    trailers: stream.incoming.rawTrailers,
    text: withoutSeals(stream.text()),
    ended,
  }
}

/** The client's answer when the upstream writes this. */
async function answer(...pieces: readonly string[]) {
  upstream.respond = (socket) => {
    for (const piece of pieces) socket.write(piece, 'latin1')
  }
  return await send()
}

function reply(status: string, headers: readonly string[], body = ANSWER): string {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

const JSON_TYPE = 'Content-Type: application/json'

async function expectBadGateway(...pieces: readonly string[]) {
  const { status, text, headers, ended } = await answer(...pieces)
  expect([status, ended]).toEqual([502, 'whole'])
  expect(JSON.parse(text)).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32603, message: 'The MCP server behind the gateway did not answer properly' },
  })
  expect(headers.location).toBeUndefined()
  expect(headers['www-authenticate']).toBeUndefined()
}

describe('an answer that is not passed on', () => {
  const flood = 'HTTP/1.1 103 Early Hints\r\n\r\n'
  const bad: readonly (readonly [string, readonly string[]])[] = [
    ['L29 endless 1xx', [flood.repeat(500)]],
    ['L29 11 interim responses', [flood.repeat(11) + reply('200 OK', [JSON_TYPE])]],
    ['L29 a header of 200 KB', [reply('200 OK', [JSON_TYPE, `X-Long: ${'x'.repeat(200_000)}`])]],
    ['L29 headers without an end', [`HTTP/1.1 200 OK\r\n${'X-A: 1\r\n'.repeat(10_000)}`]],
    ['L30 101', ['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n']],
    ['L30 204 with a body', [reply('204 No Content', [])]],
    ['L30 205', [reply('205 Reset Content', [], '')]],
    ['L30 304', [reply('304 Not Modified', [], '')]],
    ['L30 600', [reply('600 Odd', [JSON_TYPE])]],
    ['L30 999', [reply('999 Odd', [JSON_TYPE])]],
    ['L30 000', [reply('000 Odd', [JSON_TYPE])]],
    ['L31 both framings', [reply('200 OK', [JSON_TYPE, 'Transfer-Encoding: chunked'])]],
    ['L31 two lengths', [reply('200 OK', [JSON_TYPE, 'Content-Length: 5'])]],
    ['L31 a bare CR in a header', [reply('200 OK', [JSON_TYPE, 'X: a\rSet-Cookie: b'])]],
    ['L31 a NUL in a header', [reply('200 OK', [JSON_TYPE, 'X: a\0b'])]],
    ['L33 a redirect to metadata', [reply('307 Away', ['Location: http://169.254.169.254/'], '')]],
    ['L33 a permanent redirect', [reply('301 Away', ['Location: https://evil.example/'], '')]],
    ['L33 300', [reply('300 Choices', ['Location: https://evil.example/'], '')]],
    [
      'L34 401 with a challenge',
      [reply('401 No', ['WWW-Authenticate: Bearer resource_metadata="https://evil.example"'])],
    ],
    ['L34 403', [reply('403 No', [JSON_TYPE])]],
    ['L34 407', [reply('407 No', ['Proxy-Authenticate: Basic'])]],
    ['F04 no HTTP at all', ['SSH-2.0-OpenSSH_9.2\r\n\r\n']],
    ['F04 HTTP/2', ['HTTP/2 200\r\n\r\n']],
  ]
  test.each(bad)('%s: 502 with our own words', async (_, pieces) => expectBadGateway(...pieces))

  test('ten interim responses are not too many', async () => {
    expect(await answer(flood.repeat(10) + reply('200 OK', [JSON_TYPE]))).toMatchObject({
      status: 200,
      text: ANSWER,
    })
  })

  test('L30 204 without a body passes', async () => {
    const { status, text } = await answer('HTTP/1.1 204 No Content\r\n\r\n')
    expect([status, text]).toEqual([204, ''])
  })

  test('L38 F16 a list on HTTP/1.0 that was cut short', async () => {
    upstream.respond = (socket) =>
      socket.end(`HTTP/1.0 200 OK\r\n${JSON_TYPE}\r\n\r\n{"jsonrpc":"2.0","id":1,"result":{"tools":[{`)
    expect(await send(legacy('tools/list'))).toMatchObject({ status: 502, ended: 'whole' })
  })
})

describe('headers that stay behind', () => {
  test('L35 identity, cookies, CORS, fingerprints', async () => {
    const dropped = [
      'X-Mcp-Subject: root',
      'X-MCP-Scopes: *',
      'Set-Cookie: a=1',
      'Server: leaky/1.0',
      'X-Powered-By: leaky',
      'Access-Control-Allow-Origin: *',
      'Clear-Site-Data: "*"',
      'Strict-Transport-Security: max-age=1',
      'Alt-Svc: h2=":1"',
      'X-Request-Id: theirs',
      'WWW-Authenticate: Bearer',
      'DPoP-Nonce: theirs',
      'Refresh: 0;url=https://evil.example',
    ]
    const { status, headers } = await answer(reply('200 OK', [JSON_TYPE, 'X-Kept: yes', ...dropped]))
    expect(status).toBe(200)
    expect(headers['x-kept']).toBe('yes')
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    const names = dropped.map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
    const left = names.filter((name) => headers[name] !== undefined && name !== 'x-request-id')
    expect(left).toEqual([])
  })

  test('L36 what Connection names', async () => {
    const hop = ['Connection: x-secret, Keep-Alive', 'X-Secret: 1', 'Keep-Alive: timeout=9', 'X-Kept: yes']
    const { headers } = await answer(reply('200 OK', [JSON_TYPE, ...hop]))
    expect(headers['x-secret']).toBeUndefined()
    expect(headers['keep-alive']).not.toBe('timeout=9')
    expect(headers['x-kept']).toBe('yes')
  })

  test('L37 trailers', async () => {
    const head = `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\nTrailer: X-Mcp-Subject\r\nTransfer-Encoding: chunked\r\n\r\n`
    const chunk = `${ANSWER.length.toString(16)}\r\n${ANSWER}\r\n0\r\n`
    const { headers, trailers, text } = await answer(`${head}${chunk}X-Mcp-Subject: root\r\n\r\n`)
    expect(text).toBe(ANSWER)
    expect(headers.trailer).toBeUndefined()
    expect(trailers).toEqual([])
  })

  test('L39 without a type, nobody may guess one', async () => {
    const { headers } = await answer(reply('200 OK', []))
    expect(headers['content-type']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})

describe('one answer for each request', () => {
  test('L32 a second answer, at once or later, is nobody’s', async () => {
    const stolen = ANSWER.replace('{}', '{"stolen":true}')
    const twice = reply('200 OK', [JSON_TYPE]) + reply('200 OK', [JSON_TYPE], stolen)
    upstream.respond = (socket) => {
      socket.write(twice)
      setImmediate(() => socket.write(reply('200 OK', [JSON_TYPE], stolen)))
    }
    for (let i = 0; i < 10; i += 1) expect((await send()).text).toBe(ANSWER)
  })

  test('L38 HTTP/1.0 without a length passes to its end', async () => {
    upstream.respond = (socket) => socket.end(`HTTP/1.0 200 OK\r\n${JSON_TYPE}\r\n\r\n${ANSWER}`)
    expect(await send()).toMatchObject({ status: 200, text: ANSWER, ended: 'whole' })
  })

  test('L27 a length that is longer than the body: 502 while nothing was sent', async () => {
    upstream.respond = (socket) =>
      socket.end(reply('200 OK', [JSON_TYPE]).replace(/Length: \d+/, 'Length: 500'))
    expect(await send()).toMatchObject({ status: 502, ended: 'whole' })
  })

  test('L27 a stream that can be resumed, and whose last chunk is missing, looks cut', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'
    upstream.respond = (socket) => socket.end(`${head}f\r\nid: 1\ndata: 1\n\n\r\n`)
    expect(await send()).toMatchObject({ status: 200, text: 'id: sealed\ndata: 1\n\n', ended: 'cut' })
  })

  test('L28 what looks like a field in the data stays data', async () => {
    const text = 'a\\nevent: endpoint\\ndata: x\\r\\n\\r\\n: '
    const data = `{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"danger"},{"name":"safe","description":"${text}"}]}}`
    const event = `data: ${data}\n\n`
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n'
    upstream.respond = (socket) => socket.end(`${head}id: 1\n${event}`)
    const shown = event.replace('{"name":"danger"},', '')
    expect((await send(legacy('tools/list'))).text).toBe(`id: sealed\n${shown}`)
  })
})

test('F04 an upstream that says nothing: 504 after the configured time', async () => {
  upstream.respond = () => {}
  const { status, text } = await send()
  expect(status).toBe(504)
  expect(JSON.parse(text)).toMatchObject({ id: 1, error: { code: -32603 } })
})
