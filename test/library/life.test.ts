// An embedded gateway lives as long as its program says: other settings from the next request on, and an end that lets
// open calls finish and leaves the host's own requests alone.
import { expect, test, vi } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { holdRequests, startEvents, startRequest } from '../support/stream.ts'
import { plainly, startHost, type TestHost } from './host.ts'
import { inNode } from './mounts.ts'

function start({ origin, token }: TestHost) {
  const { body, headers } = callOf('legacy', 'safe')
  const authorization = `Bearer ${token()}`
  return startRequest(`${origin}/mcp/a`, { method: 'POST', body, headers: { ...headers, authorization } })
    .head
}

const NONE = '\n      rules: []'

test('reload: a call that has begun ends as it would have, and the next one is judged anew', async () => {
  const host = await startHost(plainly)
  const next = holdRequests(host.upstream)
  const begun = start(host)
  const held = await next()
  await host.handler.reload(host.settings({ policy: NONE }))
  expect((await host.post(toolCall('safe'))).status).toBe(403)
  startEvents(held.response, 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
  held.response.end()
  const stream = await begun
  expect([stream.status, await stream.ended]).toEqual([200, 'whole'])
  expect(host.handler.readiness()).toMatchObject({ generation: 2, ready: true })
})

test('reload: settings that cannot be used are refused, and the last good ones serve on', async () => {
  const host = await startHost(plainly)
  const other = host.settings({ policy: NONE, issuer: '    verifier: custom' })
  await expect(host.handler.reload(other)).rejects.toThrow('`verifier: custom` needs a function')
  expect((await host.post(toolCall('safe'))).status).toBe(200)
})

test('reload: two at once are made one after the other', async () => {
  const host = await startHost(plainly)
  const both = [host.settings({ policy: NONE }), host.settings()]
  await Promise.all(both.map((settings) => host.handler.reload(settings)))
  expect(host.handler.readiness().generation).toBe(3)
  expect((await host.post(toolCall('safe'))).status).toBe(200)
})

test('close: open calls finish, new ones get a 503, and the host serves on', async () => {
  const host = await startHost(inNode)
  const next = holdRequests(host.upstream)
  const begun = start(host)
  const held = await next()
  const closed = vi.fn()
  const closing = host.handler.close(10_000).then(closed)
  await expect.poll(async () => (await host.post(toolCall('safe'))).status).toBe(503)
  expect(await (await fetch(`${host.origin}/own`)).text()).toBe('a page of the host')
  expect(host.handler.readiness().ready).toBe(false)
  expect(closed).not.toHaveBeenCalled()
  held.response.writeHead(200, { 'content-type': 'application/json' })
  held.response.end('{"jsonrpc":"2.0","id":1,"result":{}}')
  const stream = await begun
  expect([stream.status, await stream.ended]).toEqual([200, 'whole'])
  await closing
  expect(host.audit.filter(({ decision }) => decision === 'allowed')).toHaveLength(1)
  expect((await host.post(toolCall('safe'))).status).toBe(503)
  expect(await (await fetch(`${host.origin}/own`)).text()).toBe('a page of the host')
})

test('close: what is open when the time is over is told so', async () => {
  const host = await startHost(plainly)
  const next = holdRequests(host.upstream)
  const waiting = start(host)
  await next()
  const streaming = start(host)
  startEvents(
    (await next()).response,
    'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n',
  )
  const stream = await streaming
  await host.handler.close(50)
  const answer = await waiting
  await answer.ended
  expect(answer.status).toBe(503)
  expect(await stream.ended).toBe('whole')
  expect(stream.text()).toContain('The gateway is stopping')
})

test('close: once, however often it is asked, and nothing is reloaded afterwards', async () => {
  const close = vi.fn()
  const { handler, settings } = await startHost(plainly, { auditSink: { write: () => {}, close } })
  await Promise.all([handler.close(0), handler.close(0)])
  await handler.close(0)
  expect(close).toHaveBeenCalledTimes(1)
  await expect(handler.reload(settings())).rejects.toThrow('the gateway has been closed')
})

test('metrics: what /metrics of the admin listener would say', async () => {
  const { handler, post } = await startHost(plainly)
  await post(toolCall('safe'))
  const { contentType, text } = await handler.metrics()
  expect(contentType).toMatch(/^text\/plain/)
  expect(text).toMatch(
    /portcullis_decisions_total\{route="a",method="tools\/call",decision="allowed",reason=""\} 1/,
  )
})
