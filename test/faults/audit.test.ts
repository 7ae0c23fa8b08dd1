// F06: the audit cannot be written. By default the gateway serves on and counts; with `required` nothing that is not
// on record goes on.
import { afterEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { metricsOf } from '../support/scrape.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

/** A device that is always full. */
const FULL = '/dev/full'

async function failures(): Promise<number> {
  const text = await metricsOf(gateway)
  return Number(/^portcullis_audit_failures (\d+)$/m.exec(text)?.[1])
}

test('F06 required: no record, no call', async () => {
  gateway = await startTestGateway({ auditFile: FULL, auditRequired: true })
  const response = await gateway.post(toolCall('safe', 5))
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 5, error: { code: -32603 } })
  expect(gateway.upstream.received).toEqual([])
  expect(await failures()).toBeGreaterThan(0)
})

test('F06 required: refusals are given all the same', async () => {
  gateway = await startTestGateway({ auditFile: FULL, auditRequired: true })
  expect((await fetch(gateway.resource, { method: 'POST' })).status).toBe(401)
  expect((await gateway.post(toolCall('danger'))).status).toBe(403)
})

test('F06 not required: the gateway serves on, and the failures are counted', async () => {
  gateway = await startTestGateway({ auditFile: FULL })
  for (let i = 0; i < 40; i += 1) expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  await expect.poll(failures, { timeout: 5_000 }).toBeGreaterThan(0)
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
})
