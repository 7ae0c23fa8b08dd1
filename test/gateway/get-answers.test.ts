// What an upstream answers to a GET, and to a session that it does not know, in the words that clients act on: 405 where
// there is no stream to be had, 404 only for a session that was lost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf, legacy } from '../support/messages.ts'
import { echoResult } from '../support/upstream.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
afterAll(() => gateway.close())

const BAD_REQUEST =
  '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}'

/** The sealed id of a session that its upstream has forgotten: from now on it answers with this status. */
async function forgotten(status: number, type = 'application/json', body = BAD_REQUEST): Promise<string> {
  gateway.upstream.respond = (request, response) => {
    response.setHeader('mcp-session-id', 'up-1')
    echoResult(request, response)
  }
  const begun = await gateway.post(legacy('initialize', { protocolVersion: '2025-11-25' }).body)
  gateway.upstream.respond = (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body)
  return begun.headers.get('mcp-session-id') ?? ''
}

const get = (headers: Readonly<Record<string, string>> = {}) =>
  fetch(gateway.resource, { headers: { authorization: `Bearer ${gateway.token()}`, ...headers } })

describe('L73 a GET', () => {
  test.each([
    [200, 'text/plain'],
    [200, 'application/json'],
    [404, 'application/json'],
    [404, 'text/html'],
  ])('%i %s without a session: 405, so that nobody asks again', async (status, type) => {
    await forgotten(status, type)
    const response = await get()
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, DELETE'])
  })

  test('404 in a session: 404, the session was lost', async () => {
    const id = await forgotten(404)
    expect((await get({ 'mcp-session-id': id })).status).toBe(404)
  })

  test('503: as it came', async () => {
    await forgotten(503)
    expect((await get()).status).toBe(503)
  })
})

describe('S43 400 for a session that the upstream does not know', () => {
  const call = callOf('legacy')

  test('passes as it came', async () => {
    const id = await forgotten(400)
    const response = await gateway.post(call.body, { ...call.headers, 'mcp-session-id': id })
    expect([response.status, await response.text()]).toEqual([400, BAD_REQUEST])
  })

  test('with unknown_session: 400 it is 404, in a session only', async () => {
    await gateway.reload({ upstream: 'unknown_session: 400,' })
    const id = await forgotten(400)
    const response = await gateway.post(call.body, { ...call.headers, 'mcp-session-id': id })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ id: 1, error: { code: -32001 } })
    expect((await get({ 'mcp-session-id': id })).status).toBe(404)
    expect((await gateway.post(call.body, call.headers)).status).toBe(400)
    expect(gateway.audit().findLast(({ reason }) => reason === 'session_unknown')).toMatchObject({
      detail: 'the upstream answered 400',
    })
  })
})
