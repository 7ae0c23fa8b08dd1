// What is asked of issuers, providers and strangers: each way in which an exchange fails is a value that says why, and
// quotes nothing.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../../src/lib/bounded-http.ts'
import { type Fault, startIssuer } from '../support/issuer.ts'

const CASES: readonly (readonly [id: string, fault: Fault, why: RegExp, kind: RegExp])[] = [
  ['reset', 'reset', /^(ECONNRESET|UND_ERR_SOCKET)$/, /^failed$/],
  ['hang', 'hang', /^(no complete answer in time|UND_ERR_HEADERS_TIMEOUT)$/, /^(late|failed)$/],
  ['J53, I10 one byte at a time', 'drip', /^no complete answer in time$/, /^late$/],
  ['J53, I10 too large', 'huge', /^the answer is larger than 1000 bytes$/, /^large$/],
  ['truncated', 'truncated', /^(UND_ERR_SOCKET|ECONNRESET)$/, /^failed$/],
  [
    'compressed',
    { status: 200, headers: { 'content-encoding': 'br' }, body: 'x' },
    /^the answer is compressed/,
    /^coded$/,
  ],
  [
    'headers of 20 KB',
    { status: 200, headers: { 'x-pad': 'a'.repeat(20_000) } },
    /^UND_ERR_HEADERS_OVERFLOW$/,
    /^failed$/,
  ],
]

async function open() {
  const server = await startIssuer()
  const httpClient = createHttpClient({ timeoutMs: 1_000 })
  onTestFinished(async () => {
    await httpClient.close()
    await server.close()
  })
  const ask = () => httpClient.ask({ url: `${server.url}/jwks`, method: 'GET', headers: {}, maxBytes: 1000 })
  return { server, httpClient, ask }
}

test.each(CASES)('%s', async (_id, fault, why, kind) => {
  const { server, ask } = await open()
  server.faults.jwks = fault
  expect(await ask()).toMatchObject({
    ok: false,
    kind: expect.stringMatching(kind),
    why: expect.stringMatching(why),
  })
  delete server.faults.jwks
  expect(await ask()).toMatchObject({ ok: true, answer: { status: 200 } })
})

test('a redirect is an answer like any other', async () => {
  const { server, ask } = await open()
  server.faults.jwks = { status: 302, headers: { location: '/jwks', 'retry-after': '12' } }
  expect(await ask()).toMatchObject({ ok: true, answer: { status: 302, retryAfterSeconds: 12 } })
  expect(server.requests.jwks).toBe(1)
})

test.each([
  ['application/json; charset=utf-8', 'application/json'],
  [' Application/JSON ', 'application/json'],
  ['', ''],
])('the media type of %j', async (header, mediaType) => {
  const { server, ask } = await open()
  server.faults.jwks = { status: 200, headers: { 'content-type': header } }
  expect(await ask()).toMatchObject({ answer: { mediaType } })
})

test('what was under way when the line closes fails, and nothing hangs', async () => {
  const { server, httpClient, ask } = await open()
  server.faults.jwks = 'hang'
  const outcome = ask()
  await httpClient.close()
  expect(await outcome).toMatchObject({ ok: false })
})

/** A server that begins an answer and never ends it. */
async function startEndless(pieces: readonly string[]) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'x-twice': ['a', 'b'] })
    for (const piece of pieces) response.write(piece)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const httpClient = createHttpClient({ timeoutMs: 5_000 })
  onTestFinished(async () => {
    await httpClient.close()
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { ask: httpClient.ask, request: { url, method: 'GET', headers: {}, maxBytes: 1000 } as const }
}

test('what the asker refuses by its head is not read to the end', async () => {
  const { ask, request } = await startEndless(['never the end'])
  const fault = ({ mediaType }: { readonly mediaType: string }) => `${mediaType} is not wanted`
  expect(await ask({ ...request, fault })).toEqual({
    ok: false,
    kind: 'refused',
    why: 'text/plain is not wanted',
  })
})

test('no more is read than is enough', async () => {
  const { ask, request } = await startEndless(['one ', 'two '])
  let text = ''
  const isEnough = (piece: Uint8Array) => {
    text += Buffer.from(piece).toString()
    return text.includes('two')
  }
  const outcome = await ask({ ...request, isEnough })
  expect(outcome.ok && outcome.answer.body.toString()).toBe('one two ')
  expect(outcome.ok && outcome.answer.headers.get('x-twice')).toBe('a, b')
})
