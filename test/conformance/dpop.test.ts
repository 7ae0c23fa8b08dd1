// DPoP over the socket (RFC 9449): the proof names the public URL and the real method, and ends at the gateway.
import { hash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { JKT, proofFor } from '../support/dpop.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { sendEvents } from '../support/upstream.ts'
import { type Ask, ask, MODERN, toolCallOf } from './revision.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

const bound = () => gateway.token('a', { cnf: { jkt: JKT } })

const proof = (token: string, claims: object = {}) => proofFor(gateway.resource, token, { claims })

function send(how: Ask) {
  return ask(gateway, how.method === undefined ? toolCallOf(MODERN) : {}, how)
}

const shown = (token: string, claims: object = {}): Ask => ({
  authorization: `DPoP ${token}`,
  headers: { dpop: proof(token, claims) },
})

test('XDP-01 XDP-04 a bound token with its proof is accepted, and neither goes on', async () => {
  const { status, seen } = await send(shown(bound()))
  expect(status).toBe(200)
  expect(seen[0]?.headers).not.toHaveProperty('dpop')
  expect(seen[0]?.headers).not.toHaveProperty('authorization')
})

test('XDP-03 a content digest is not asked for', async () => {
  expect((await send(shown(bound(), { content_digest: undefined }))).status).toBe(200)
})

test.each(['GET', 'DELETE'] as const)('XDP-04 the proof of %s names it', async (method) => {
  gateway.upstream.respond = (_request, response) =>
    method === 'GET' ? sendEvents(response, []) : void response.writeHead(200).end()
  expect((await send({ ...shown(bound(), { htm: method }), method })).status).toBe(200)
  expect((await send({ ...shown(bound()), method })).status).toBe(401)
})

const refused: readonly (readonly [string, () => Ask])[] = [
  ['XDP-01 a proof for another URL', () => shown(bound(), { htu: 'https://other.example/mcp/a' })],
  ['XDP-01 a proof for another token', () => shown(bound(), { ath: hash('sha256', 'x', 'base64url') })],
  ['XDP-01 an old proof', () => shown(bound(), { iat: 1 })],
  ['XDP-01 no proof', () => ({ authorization: `DPoP ${bound()}` })],
  ['TOK-17 XDP-04 a bound token as bearer', () => ({ authorization: `Bearer ${bound()}` })],
]
test.each(refused)('%s is a 401', async (_, how) => {
  const { status, headers, seen } = await send(how())
  expect([status, seen]).toEqual([401, []])
  expect(headers['www-authenticate']).toMatch(/^(DPoP|Bearer) error="[a-z_]+"/)
})

test('XDP-02 a proof is good for one request', async () => {
  const once = shown(bound())
  expect((await send(once)).status).toBe(200)
  expect((await send(once)).status).toBe(401)
})
