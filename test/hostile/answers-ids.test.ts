// L42 to L46: an answer belongs to its question by its id, not by its place on a socket. What answers nothing that was
// asked is a 502 or the end of the stream, stands in the audit, and is the last that its connection carries.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { legacy, type Sendable } from '../support/messages.ts'
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts'
import { openStream } from '../support/stream.ts'

let gateway: TestGateway
let upstream: RawUpstream
beforeAll(async () => {
  upstream = await startRawUpstream()
  gateway = await startTestGateway({ upstreamUrl: upstream.url, auditRequired: true })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const CALL = legacy('tools/call', { name: 'safe', arguments: {} }, 7)
const FITS = '{"jsonrpc":"2.0","id":7,"result":{"content":[]}}'
const OTHERS = '{"jsonrpc":"2.0","id":8,"result":{"content":[{"type":"text","text":"secret"}]}}'

function reply(body: string, type = 'application/json', status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function inPieces(type: string, ...pieces: readonly string[]): string {
  const chunks = pieces.map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`)
  return `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`
}

const EVENTS = 'text/event-stream'

/** What a client gets when the upstream writes this, and whether the connection is kept for another exchange. */
async function answer(bytes: string, sent: Sendable | undefined = CALL, method: 'POST' | 'GET' = 'POST') {
  upstream.respond = (socket) => socket.write(bytes, 'utf8')
  const before = gateway.audit().length
  const headers = { ...sent?.headers, authorization: `Bearer ${gateway.token()}` }
  const stream = await openStream(gateway.resource, { method, headers, body: sent?.body })
  const ended = await stream.ended
  const line = () => gateway.audit().findLast(({ event }) => event === 'decision' || event === 'outcome')
  await expect.poll(() => gateway.audit().length).toBeGreaterThan(before + 1)
  return { status: stream.status, text: stream.text(), ended, line: line(), kept: await isKept() }
}

/** Whether the last connection to the upstream is still there a moment later. */
async function isKept(): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return (
    upstream.sockets.at(-1)?.socket.destroyed === false &&
    upstream.sockets.at(-1)?.socket.readableEnded === false
  )
}

const LARGE = 'x'.repeat(400_000)
const foreign: readonly (readonly [string, string])[] = [
  ['another number', reply(OTHERS)],
  ['the same digits as a string', reply(FITS.replace('7', '"7"'))],
  ['null beside a result', reply(FITS.replace('7', 'null'))],
  ['none beside a result', reply(FITS.replace('"id":7,', ''))],
  ['an id that stands twice', reply(FITS.replace('}}', '},"id":8}').replace('[]}', '[]}'))],
  ['another id spelled with an escape', reply(FITS.replace(']}}', ']},"\\u0069d":8}'))],
  ['an error for another', reply('{"jsonrpc":"2.0","id":8,"error":{"code":1,"message":"secret"}}')],
  ['a request of the server and no answer', reply('{"jsonrpc":"2.0","id":7,"method":"ping"}')],
  ['both a method and a result', reply(FITS.replace('"id"', '"method":"x","id"'))],
  ['an object that is no message', reply('{"secret":true}')],
  ['no JSON', reply('secret')],
  ['another type', reply(FITS, 'text/plain')],
  ['a second answer in a batch', reply(`[${FITS},${OTHERS}]`)],
  ['the same answer twice', reply(`[${FITS},${FITS}]`)],
  ['the id after the result, as some SDKs write it', reply('{"result":{},"jsonrpc":"2.0","id":8}')],
  ['a large answer, its id first', reply(OTHERS.replace('secret', LARGE))],
  [
    'a piece of a large answer that nobody waits for',
    inPieces('application/json', OTHERS.slice(0, 40), LARGE),
  ],
  [
    'a small answer in pieces, its id last',
    inPieces('application/json', '{"result":{},', '"jsonrpc":"2.0","id":8}'),
  ],
]

describe('L42 an answer with an id that was not asked for', () => {
  test.each(foreign)('%s: 502, on record, and the end of the connection', async (_, bytes) => {
    const { status, text, line, kept } = await answer(bytes)
    expect(status).toBe(502)
    expect(JSON.parse(text)).toMatchObject({ id: 7, error: { code: -32603 } })
    expect(text).not.toContain('secret')
    expect(line).toMatchObject({ reason: 'upstream_invalid', detail: expect.stringMatching(/answer|JSON/) })
    expect(kept).toBe(false)
  })

  test('in a large answer with the id at its end, of which a part has gone: it is cut', async () => {
    const { ended, line, kept } = await answer(reply(`{"result":{"a":"${LARGE}"},"jsonrpc":"2.0","id":8}`))
    expect(ended).toBe('cut')
    expect(line).toMatchObject({ reason: 'upstream_invalid', ending: 'upstream_aborted' })
    expect(kept).toBe(false)
  })
})

describe('L43 what is the answer, however it is written', () => {
  const fitting: readonly (readonly [string, string])[] = [
    ['as it was asked', FITS],
    ['another spelling of the number', FITS.replace('7', '7.0e0')],
    ['spaces', JSON.stringify(JSON.parse(FITS), null, 2)],
    ['the id at the end', '{"result":{"content":[]},"jsonrpc":"2.0","id":7}'],
    ['the version at the end', '{"result":{"content":[]},"id":7,"jsonrpc":"2.0"}'],
    ['other ids deeper in it', FITS.replace('[]', '[{"id":8}]')],
    ['a large one', FITS.replace('[]', `["${LARGE}"]`)],
    ['a large one, the id at its end', `{"result":{"a":"${LARGE}"},"jsonrpc":"2.0","id":7}`],
    ['an error', '{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"no"}}'],
  ]
  test.each(fitting)('%s', async (_, body) => {
    expect(await answer(reply(body))).toMatchObject({ status: 200, text: body, kept: true })
    expect(await answer(inPieces('application/json', ...(body.match(/.{1,70000}/gs) ?? [])))).toMatchObject({
      ...{ status: 200, text: body, kept: true },
    })
  })

  test('ids that are text', async () => {
    const sent = { ...CALL, body: { ...CALL.body, id: 'é/1' } }
    const body = '{"jsonrpc":"2.0","id":"\\u00e9\\/1","result":{}}'
    expect(await answer(reply(body), sent)).toMatchObject({ status: 200, text: body })
  })

  const last: readonly (readonly [string, string])[] = [
    ['null', reply('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}')],
    [
      'what Python mcp 1.30 writes',
      reply('{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"no"}}'),
    ],
    [
      'another one, beside a 404',
      reply('{"jsonrpc":"2.0","id":8,"error":{"code":1,"message":"no"}}', undefined, '404 No'),
    ],
    ['none at all, beside a 404', reply('Session not found', 'text/plain', '404 No')],
  ]
  test.each(last)('an error with the id %s passes, and is the last of its connection', async (_, bytes) => {
    const { status, text, kept } = await answer(bytes)
    expect(status).toBe(bytes.includes('404') ? 404 : 200)
    expect(text).toBe(bytes.slice(bytes.indexOf('\r\n\r\n') + 4))
    expect(kept).toBe(false)
  })

  test('a result for another beside a 404 stays behind', async () => {
    expect(await answer(reply(OTHERS, undefined, '404 No'))).toMatchObject({ status: 404, text: '' })
  })
})

describe('L44 event streams', () => {
  const failure = /event: message\ndata: \{"jsonrpc":"2.0","id":7,"error":\{"code":-32603,[^\n]*\n\n$/

  test('a response to nothing that was asked ends the stream in order', async () => {
    const note = 'data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n'
    const ping = 'data: {"jsonrpc":"2.0","id":8,"method":"ping"}\n\n'
    const { status, text, ended, line, kept } = await answer(
      inPieces(EVENTS, note, ping, `data: ${OTHERS}\n\n`, `data: ${FITS}\n\n`),
    )
    expect([status, ended, kept]).toEqual([200, 'whole', false])
    expect(text.startsWith(note + ping)).toBe(true)
    expect(text).not.toContain('secret')
    expect(text.slice((note + ping).length)).toMatch(failure)
    expect(line).toMatchObject({ reason: 'upstream_invalid', detail: 'an answer to another request' })
  })

  test('a second answer ends it, and nobody is told twice', async () => {
    const { text, ended, line } = await answer(inPieces(EVENTS, `data: ${FITS}\n\n`, `data: ${FITS}\n\n`))
    expect([text, ended]).toEqual([`data: ${FITS}\n\n`, 'whole'])
    expect(line).toMatchObject({ reason: 'upstream_invalid' })
  })

  test('what cannot be read, and could be an answer, ends it', async () => {
    const { text } = await answer(inPieces(EVENTS, `data: {"id":7,"result":{},"result":{}}\n\n`))
    expect(text).toMatch(failure)
  })

  test('an error without an id passes, and is the last of its connection', async () => {
    const event = 'data: {"jsonrpc":"2.0","id":"server-error","error":{"code":1,"message":"no"}}\n\n'
    const { text, kept } = await answer(inPieces(EVENTS, event))
    expect(text).toMatch(/^data: .*"server-error".*\n\nevent: message\ndata: .*"id":7,"error":.*\n\n$/) // L70
    expect(kept).toBe(false)
  })

  test('in a batch each answer counts once', async () => {
    const sent = { headers: {}, body: [CALL.body, { ...CALL.body, id: 9 }] }
    const [first, second] = [`data: ${FITS}\n\n`, `data: ${FITS.replace('7', '9')}\n\n`]
    expect(await answer(inPieces(EVENTS, second, first), sent)).toMatchObject({
      text: second + first,
      kept: true,
    })
    const { text } = await answer(inPieces(EVENTS, first, first, second), sent)
    expect(text.startsWith(`${first}event: message\ndata: {"jsonrpc":"2.0","id":9,"error"`)).toBe(true)
  })

  test('to what asks for nothing no response belongs', async () => {
    const sent = { ...CALL, body: { jsonrpc: '2.0', method: 'notifications/cancelled' } }
    expect(await answer(inPieces(EVENTS, `data: ${OTHERS}\n\n`), sent)).toMatchObject({ text: '' })
    expect(await answer(reply(OTHERS), sent)).toMatchObject({ status: 202, text: '' })
  })
})
