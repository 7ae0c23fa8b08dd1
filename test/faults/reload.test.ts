// F08: the configuration changes under load. Each request is judged by one generation from beginning to end, and
// none is lost.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { holdRequests, openStream, startEvents } from '../support/stream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const rule = (tool: string) => `\n      rules:\n        - { name: ${tool}, tools: [${tool}], scopes: [a] }`

test('F08 policies swap under load: an answer is one policy’s or the other’s, never an error', async () => {
  gateway = await startTestGateway({ policy: rule('one'), auditRequired: true })
  const statuses: string[] = []
  let going = true
  const caller = async () => {
    while (going) {
      const [one, two] = await Promise.all([gateway.post(toolCall('one')), gateway.post(toolCall('two'))])
      statuses.push(`${one.status}`, `${two.status}`)
      await Promise.all([one.text(), two.text()])
    }
  }
  const callers = [caller(), caller(), caller(), caller()]
  for (let i = 0; i < 20; i += 1) await gateway.reload({ policy: rule(i % 2 === 0 ? 'two' : 'one') })
  going = false
  await Promise.all(callers)
  expect([...new Set(statuses)].sort()).toEqual(['200', '403'])
  for (const { generation, decision, target, event } of gateway.audit()) {
    if (event !== 'decision') continue
    const allowed = Number(generation) % 2 === 1 ? 'one' : 'two'
    expect(decision === 'allowed').toBe(target === allowed)
  }
})

test('F08 J67 a verdict of the file before is not used after it', async () => {
  gateway = await startTestGateway()
  const headers = { authorization: `Bearer ${gateway.token()}` }
  expect((await gateway.post(toolCall('safe'), headers)).status).toBe(200)
  await gateway.reload({ route: '    audience: ["https://elsewhere.example/mcp"]' })
  expect((await gateway.post(toolCall('safe'), headers)).status).toBe(401)
  await gateway.reload()
  expect((await gateway.post(toolCall('safe'), headers)).status).toBe(200)
})

test('F08 an open call is answered by the upstream it went to, also after its route is gone', async () => {
  gateway = await startTestGateway()
  const next = holdRequests(gateway.upstream)
  const headers = { authorization: `Bearer ${gateway.token()}` }
  const opening = openStream(gateway.resource, { method: 'POST', headers, body: toolCall('safe') })
  const held = await next()
  startEvents(held.response, ': open\n\n')
  const stream = await opening
  await gateway.reload({ upstreamUrl: 'http://127.0.0.1:1/mcp' })
  expect((await gateway.post(toolCall('safe'))).status).toBe(502)
  held.response.end('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
  expect(await stream.ended).toBe('whole')
  expect(stream.text()).toContain('"result"')
})
