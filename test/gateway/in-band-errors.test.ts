// `errors: in_band`: what concerns one request only is told with status 200, since Python `mcp` 1.x (1.30) ends its whole
// session at a 4xx or 5xx; and everything that stays an HTTP status.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { legacy } from '../support/messages.ts'
import { sendJson } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

async function open(options: TestGatewayOptions = {}): Promise<void> {
  const { route = '', ...others } = options
  gateway = await startTestGateway({ ...others, route: `    errors: in_band\n${route}`, auditRequired: true })
}

async function told(body: object, headers: Record<string, string> = {}) {
  const answer = await gateway.post(body, { ...legacy('ping').headers, ...headers })
  const { id, error } = (await answer.json()) as { id?: unknown; error: { code: number; data?: object } }
  return { status: answer.status, challenge: answer.headers.get('www-authenticate'), id, error }
}

describe('errors: in_band', () => {
  test.each([
    ['a denial', 'forbidden', { error: 'access_denied' }, 'call_forbidden'],
    ['a missing scope', 'danger', { error: 'insufficient_scope', scope: 'a admin' }, 'scope_missing'],
  ])('tells %s with 200 and the id of the request', async (_, tool, data, reason) => {
    await open()
    const { status, challenge, id, error } = await told(toolCall(tool, 'x'))
    expect([status, challenge, id, error.code, error.data]).toEqual([200, null, 'x', 403, data])
    expect(gateway.audit().at(-1)).toMatchObject({ decision: 'refused', reason, status: 200 })
  })

  test('tells what is over a rate, which is known before the body is read', async () => {
    await open({ route: '    limits: { rate: { per_subject: 1/min } }' })
    expect((await gateway.post(toolCall('safe', 1))).status).toBe(200)
    const { status, id, error } = await told(toolCall('safe', 2))
    expect([status, id, error.code]).toEqual([200, 2, 429])
    const large = { ...toolCall('safe', 3), pad: 'x'.repeat(20_000) } // costs no more than a status
    expect((await gateway.post(large)).status).toBe(429)
  })

  test('tells of a server that is late, and of one that answers badly', async () => {
    await open({ upstream: 'timeout: 50ms,' })
    gateway.upstream.respond = () => {}
    expect(await told(toolCall('safe', 4))).toMatchObject({ status: 200, id: 4, error: { code: -32603 } })
    gateway.upstream.respond = (_request, response) => response.writeHead(403).end()
    expect(await told(toolCall('safe', 5))).toMatchObject({ status: 200, id: 5, error: { code: -32603 } })
  })

  test('leaves 401, a lost session and a message without an id as they are', async () => {
    await open()
    const unknown = await gateway.post(toolCall('safe'), { authorization: 'Bearer a.b.c' })
    expect([unknown.status, unknown.headers.has('www-authenticate')]).toEqual([401, true])
    expect((await gateway.post(toolCall('safe'), { 'mcp-session-id': 'lost' })).status).toBe(404)
    expect((await gateway.post({ ...toolCall('forbidden'), id: undefined })).status).toBe(403)
  })

  test('is off where nothing is said', async () => {
    gateway = await startTestGateway()
    gateway.upstream.respond = (_request, response) => sendJson(response, 200, {})
    expect((await gateway.post(toolCall('forbidden'))).status).toBe(403)
  })
})
