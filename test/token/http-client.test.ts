// Talking to an issuer: each way in which an exchange fails is a value that says why, and quotes nothing.
import { expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../../src/token/http-client.ts'
import { type Fault, startIssuer } from '../support/issuer.ts'

const CASES: readonly (readonly [id: string, fault: Fault, why: RegExp])[] = [
  ['reset', 'reset', /^(ECONNRESET|UND_ERR_SOCKET)$/],
  ['hang', 'hang', /^(no complete answer in time|UND_ERR_HEADERS_TIMEOUT)$/],
  ['J53, I10 one byte at a time', 'drip', /^no complete answer in time$/],
  ['J53, I10 too large', 'huge', /^the answer is larger than 1000 bytes$/],
  ['truncated', 'truncated', /^(UND_ERR_SOCKET|ECONNRESET)$/],
  [
    'compressed',
    { status: 200, headers: { 'content-encoding': 'br' }, body: 'x' },
    /^the answer is compressed/,
  ],
  [
    'headers of 20 KB',
    { status: 200, headers: { 'x-pad': 'a'.repeat(20_000) } },
    /^UND_ERR_HEADERS_OVERFLOW$/,
  ],
]

async function open() {
  const server = await startIssuer()
  const httpClient = createHttpClient(200)
  onTestFinished(async () => {
    await httpClient.close()
    await server.close()
  })
  const ask = () => httpClient.ask({ url: `${server.url}/jwks`, method: 'GET', headers: {}, maxBytes: 1000 })
  return { server, httpClient, ask }
}

test.each(CASES)('%s', async (_id, fault, why) => {
  const { server, ask } = await open()
  server.faults.jwks = fault
  expect(await ask()).toEqual({ ok: false, why: expect.stringMatching(why) })
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
