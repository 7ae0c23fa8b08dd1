// The audit as OCSF by OTLP, at the receiver of the OpenTelemetry Collector 0.165.0: what arrives, also after the receiver was away.
import { afterEach, expect, test, vi } from 'vitest'
import { schemaFaults } from '../observe/ocsf/schema.ts'
import { freePort } from '../support/free-port.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { type Collector, startCollector, textOf } from './collector.ts'

const PATIENCE_MS = 300_000 // the receiver is built once

let collector: Collector | undefined
let gateway: TestGateway | undefined
afterEach(async () => {
  vi.unstubAllEnvs()
  await gateway?.close()
  await collector?.stop()
})

test(
  'each event arrives once, with the same JSON as in a file, also those of a time without a receiver',
  async (context) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '500')
    const port = await freePort()
    const started = await startCollector(port)
    if (typeof started === 'string') return context.skip(started)
    const url = `http://127.0.0.1:${port}/v1/logs`
    gateway = await startTestGateway({ auditKeys: `ocsf: { otlp: { endpoint: "${url}" } }` })
    const { post, log } = gateway
    await post(toolCall('safe'))
    await post(toolCall('danger'))
    await expect.poll(() => started.logs().length, { timeout: 10_000 }).toBe(2)
    for (const { body, service, timeUnixNano, attributes } of started.logs()) {
      const event = JSON.parse(body.stringValue) as {
        readonly time: number
        readonly metadata: { uid: string }
      }
      expect(schemaFaults(event)).toEqual([])
      expect([service, timeUnixNano]).toEqual(['portcullis', `${event.time}000000`])
      expect(textOf(attributes, 'log.record.uid')).toBe(event.metadata.uid)
    }
    expect(started.logs().map(({ severityText }) => severityText)).toEqual(['INFO', 'WARN'])
    await started.stop()
    for (let nth = 0; nth < 20; nth += 1) expect((await post(toolCall('safe'))).status).toBe(200)
    await expect.poll(() => log.some((line) => line.includes('"otlp_down"')), { timeout: 10_000 }).toBe(true)
    const again = await startCollector(port)
    if (typeof again === 'string') throw new Error(again)
    collector = again
    const uids = () => new Set(again.logs().map(({ attributes }) => textOf(attributes, 'log.record.uid')))
    await expect.poll(() => uids().size, { timeout: 10_000 }).toBe(20)
    expect(again.logs()).toHaveLength(20)
  },
  PATIENCE_MS,
)
