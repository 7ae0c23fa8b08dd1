// Heads that are too large: 431 with words, whatever is too large in them. A 401 would have the client sign in again, and
// get a token of the same size.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const call = callOf('legacy')
const send = (headers: Readonly<Record<string, string>>) =>
  gateway.post(call.body, { ...call.headers, ...headers })
/** A good token of 8,300 characters and more. */
const long = () => `Bearer ${gateway.token('a', { groups: 'g'.repeat(6_000) })}`

test('S46 a good token that is longer than limits.token: 431 and no challenge', async () => {
  expect(long().length).toBeGreaterThan(8_200)
  const response = await send({ authorization: long() })
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([431, null])
  expect(await response.json()).toEqual({
    error: 'request_header_fields_too_large',
    error_description: 'Too large: the token is longer than 8192 characters',
  })
})

test('S46 with a larger limits.token it counts', async () => {
  await gateway.reload({ top: 'limits: { token: 10KiB }' })
  expect((await send({ authorization: long() })).status).toBe(200)
})

test('a token that does not fit into a head is a mistake of the file', async () => {
  const reload = async () => await gateway.reload({ top: 'limits: { token: 11KiB }' })
  await expect(reload()).rejects.toThrow('limits.headers')
})

test('S47 a head that is larger than limits.headers: 431 with words', async () => {
  const response = await send({ 'mcp-param-region': 'x'.repeat(13_000) })
  expect(response.status).toBe(431)
  expect(await response.json()).toEqual({
    error: 'request_header_fields_too_large',
    error_description: 'Too large: the head of the request is longer than 12288 bytes',
  })
})
