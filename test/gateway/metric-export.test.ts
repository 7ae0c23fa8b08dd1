// The metrics of a whole gateway as a receiver of OTLP gets them: those of the admin port, under the same names.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { createMetricExport } from '../../src/observe/otel/metric-export.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { type OtlpReceiver, type ReceivedMetric, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { metricsOf } from '../support/scrape.ts'

let receiver: OtlpReceiver
let gateway: TestGateway | undefined
beforeEach(async () => {
  receiver = await startOtlpReceiver()
})
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  await receiver.close()
})

async function start(metrics: string): Promise<TestGateway> {
  const top = `telemetry: { endpoint: "${receiver.url}", service_name: edge, metrics: { ${metrics} } }`
  gateway = await startTestGateway({ top })
  return gateway
}

const countedDecisions = () => named('portcullis_decisions_total')?.points[0]?.value

function named(name: string): ReceivedMetric | undefined {
  return receiver.metrics.find((metric) => metric.name === name)
}

test('what is scraped is sent: names, labels, values, and histograms as one point each', async () => {
  const { post } = await start('interval: 1h')
  for (const name of ['safe', 'safe', 'danger', 'made-up']) await (await post(toolCall(name))).text()
  const scraped = await metricsOf(gateway as TestGateway)
  await gateway?.running.close(100) // sends once more
  const types = [...scraped.matchAll(/^# TYPE (portcullis_\w+)/gm)].map(([, name = '']) => name)
  const valued = types.filter((name) => new RegExp(`^${name}(?:_count)?[{ ]`, 'm').test(scraped))
  const names = receiver.metrics.map(({ name }) => name).filter((name) => name.startsWith('portcullis_'))
  expect(names.sort()).toEqual(valued.sort())
  const decided = named('portcullis_decisions_total')
  expect(decided?.kind).toBe('sum')
  expect(decided?.points).toContainEqual({
    attributes: { route: 'a', method: 'tools/call', decision: 'allowed', reason: '' },
    value: 2,
  })
  const tools = named('portcullis_tool_duration_seconds')
  expect(tools).toMatchObject({ kind: 'histogram', unit: 's' })
  const ofTool = tools?.points.find(({ attributes }) => attributes['tool'] === 'safe')
  expect(ofTool).toMatchObject({ count: 2, bounds: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60] })
  expect(ofTool?.buckets).toHaveLength(9)
  expect(ofTool?.buckets?.reduce((sum, bucket) => sum + bucket, 0)).toBe(2)
  // K07: names that a client made up have no label of their own here either
  expect(tools?.points.map(({ attributes }) => attributes['tool']).sort()).toEqual([
    'danger',
    'other',
    'safe',
  ])
  expect(named('portcullis_config_current')).toMatchObject({ kind: 'gauge', points: [{ value: 1 }] })
  expect(named('process_resident_memory_bytes')?.unit).toBe('By')
  expect(decided?.resource).toMatchObject({ 'service.name': 'edge' })
})

test('it is sent at intervals, and an attempt that fails loses nothing', async () => {
  receiver.status = 400
  const { post, log } = await start('interval: 1s')
  const said = () => log.filter((line) => line.includes('"event":"telemetry"'))
  await (await post(toolCall('safe'))).text()
  await expect.poll(said, { timeout: 5_000 }).toEqual([expect.stringContaining('refuses it')])
  receiver.status = 200
  await expect.poll(countedDecisions, { timeout: 5_000 }).toBe(1)
  const again = expect.stringContaining('is delivered again')
  await expect.poll(said, { timeout: 5_000 }).toEqual([expect.anything(), again])
})

test('the end sends what was counted while an export was under way', async () => {
  const answered = Promise.withResolvers<void>()
  receiver.held = answered.promise
  const { post, running } = await start('interval: 1s')
  await expect.poll(() => receiver.requests.length, { timeout: 5_000 }).toBe(1)
  await (await post(toolCall('safe'))).text()
  const closed = running.close(100)
  answered.resolve()
  await closed
  expect(countedDecisions()).toBe(1)
})

test('counts that cannot be read are told in the log, and end nothing', async () => {
  const lines: string[] = []
  const metrics = { endpoint: receiver.url, isNamed: true, headers: {}, ca: undefined, intervalMs: 3_600_000 }
  const sent = createMetricExport({
    telemetry: { serviceName: undefined, metrics },
    metrics,
    samples: () => Promise.reject(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    log: createLog('info', { write: (line: string) => void lines.push(line) }),
  })
  await sent.close()
  expect(lines).toEqual([expect.stringContaining('"error":"EPIPE"')])
  expect(receiver.requests).toEqual([])
})
