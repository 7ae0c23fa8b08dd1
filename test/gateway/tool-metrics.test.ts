// Metrics of tools and of streams, of a whole gateway: labels are what its file and its manifest name.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { metricsOf, sumOf } from '../support/scrape.ts'

let gateway: TestGateway
const route = '    limits: { rate: { per_tool: { limited: 100/s } } }'
beforeAll(async () => {
  gateway = await startTestGateway({ route })
})
afterAll(() => gateway.close())

const CALLS = 'portcullis_tool_calls_total'
const calls = async (tool: string, outcome: string) =>
  sumOf(await metricsOf(gateway), CALLS, { route: 'a', tool, outcome })

test('K07 a tool that a rule or a limit names has its own label, before and after a reload; any other is `other`', async () => {
  const names = ['safe', 'danger', 'limited', 'made-up-1', 'made-up-2']
  for (const name of names) await (await gateway.post(toolCall(name))).text()
  await expect.poll(() => calls('other', 'refused')).toBe(2)
  expect(await calls('safe', 'result')).toBe(1)
  expect(await calls('danger', 'refused')).toBe(1)
  expect(await calls('limited', 'refused')).toBe(1)
  await gateway.reload({ route: '' })
  for (const name of ['safe', 'limited']) await (await gateway.post(toolCall(name))).text()
  await expect.poll(() => calls('safe', 'result')).toBe(2)
  await expect.poll(() => calls('other', 'refused')).toBe(3)
})

test('a stream that listens counts as one, a GET without a stream as a request', async () => {
  const get = () =>
    fetch(gateway.resource, {
      headers: { authorization: `Bearer ${gateway.token()}`, accept: 'text/event-stream' },
    })
  const count = async (what: string) =>
    sumOf(await metricsOf(gateway), `portcullis_${what}_duration_seconds_count`, {})
  const requests = await count('request')
  await (await get()).text()
  await expect.poll(() => count('stream')).toBe(1)
  expect(await count('request')).toBe(requests)
  gateway.upstream.respond = (_request, response) => void response.writeHead(405).end()
  expect((await get()).status).toBe(405)
  await expect.poll(() => count('request')).toBe(requests + 1)
  expect(await count('stream')).toBe(1)
})
