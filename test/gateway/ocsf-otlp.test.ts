// The audit as OCSF at a receiver of OTLP: what arrives, and what becomes of it where the receiver is away, refuses it, or takes a
// part. test/clients/audit-logs.test.ts has the receiver of the OpenTelemetry Collector.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { schemaFaults } from '../observe/ocsf/schema.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { futureReceiver, type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { metricsOf } from '../support/scrape.ts'

vi.setConfig({ testTimeout: 60_000 })

let gateway: TestGateway | undefined
let receiver: OtlpReceiver | undefined
beforeEach(() => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '500') // OpenTelemetry tries for so long before it says that nobody answers
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await gateway?.close()
  await receiver?.close()
  gateway = undefined
  receiver = undefined
})

async function start(url: string, keys = ''): Promise<TestGateway> {
  const otlp = `{ endpoint: "${url}/v1/logs", headers: { x-key: "\${KEY}" }${keys} }`
  gateway = await startTestGateway({
    auditKeys: `ocsf: { otlp: ${otlp} }`,
    top: 'telemetry: { service_name: edge }',
    env: { KEY: 'the key' },
  })
  return gateway
}

const lostIn = async (served: TestGateway) =>
  Number(/^portcullis_ocsf_lost\{to="otlp"\} (\d+)$/m.exec(await metricsOf(served))?.[1])
const saidBy = ({ log }: TestGateway) => log.flatMap((line) => /"event":"(otlp_\w+)"/.exec(line)?.[1] ?? [])
const uidsAt = ({ logs }: OtlpReceiver) => new Set(logs.map(({ attributes }) => attributes['log.record.uid']))

async function call(served: TestGateway, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) expect((await served.post(toolCall('safe'))).status).toBe(200)
}

test('each request as a log: OCSF in its body, its time, severity and id', async () => {
  receiver = await startOtlpReceiver()
  const served = await start(receiver.url)
  await served.post(toolCall('safe'))
  await served.post(toolCall('danger'))
  const { logs } = receiver
  await expect.poll(() => logs.length, { timeout: 10_000 }).toBe(2)
  for (const { body, time, attributes, resource } of logs) {
    const event = JSON.parse(body) as { readonly time: number; readonly metadata: { readonly uid: string } }
    expect(schemaFaults(event)).toEqual([])
    expect(time).toBe(BigInt(event.time) * 1_000_000n)
    expect(attributes).toEqual({ 'log.record.uid': event.metadata.uid })
    expect(resource).toMatchObject({ 'service.name': 'edge', 'service.instance.id': expect.any(String) })
  }
  expect(logs.map(({ severity }) => severity)).toEqual([9, 13])
  expect(receiver.requests[0]?.headers).toMatchObject({
    ...{ 'content-type': 'application/x-protobuf', 'x-key': 'the key' },
  })
  expect([await lostIn(served), saidBy(served)]).toEqual([0, []])
})

test('away and back: nothing is lost, the log says it once, and no call waits', async () => {
  const { port, url } = await futureReceiver()
  const served = await start(url)
  await call(served, 30)
  await expect.poll(() => saidBy(served), { timeout: 10_000 }).toEqual(['otlp_down'])
  await call(served, 30)
  receiver = await startOtlpReceiver(port)
  const heard = receiver
  heard.status = 503
  await expect.poll(() => heard.requests.length, { timeout: 10_000 }).toBeGreaterThan(1)
  heard.status = 200
  await expect.poll(() => uidsAt(heard).size, { timeout: 10_000 }).toBe(60)
  expect(heard.logs).toHaveLength(60)
  expect([await lostIn(served), saidBy(served)]).toEqual([0, ['otlp_down', 'otlp_up']])
})

test('what was not acknowledged is sent again, and is told by its id', async () => {
  receiver = await startOtlpReceiver()
  const heard = receiver
  const late = Promise.withResolvers<void>()
  heard.held = late.promise // it takes them, and its answer comes too late
  const served = await start(heard.url)
  await call(served, 3)
  await expect.poll(() => heard.logs.length, { timeout: 10_000 }).toBeGreaterThan(3)
  late.resolve()
  await expect.poll(() => saidBy(served), { timeout: 10_000 }).toEqual(['otlp_down', 'otlp_up'])
  expect(uidsAt(heard).size).toBe(3)
  expect(await lostIn(served)).toBe(0)
})

test('nobody listens: what waits is bounded, the rest is counted, and said once', async () => {
  const served = await start((await futureReceiver()).url, ', spool: 2MiB')
  const long = toolCall('x'.repeat(200))
  const batch = Array.from({ length: 50 }, (_, id) => ({ ...long, id }))
  for (let nth = 0; nth < 300 && !((await lostIn(served)) > 0); nth += 1)
    await Promise.all(Array.from({ length: 20 }, () => served.post(batch)))
  expect(await lostIn(served)).toBeGreaterThan(0)
  expect(saidBy(served).toSorted()).toEqual(['otlp_down', 'otlp_lost'])
})

test('what the receiver refuses is lost and counted, in whole or in part', async () => {
  receiver = await startOtlpReceiver()
  receiver.status = 400
  const served = await start(receiver.url)
  await call(served, 3)
  await expect.poll(() => lostIn(served), { timeout: 10_000 }).toBe(3)
  receiver.status = 200
  receiver.rejected = 2
  await call(served, 5)
  await expect.poll(() => lostIn(served), { timeout: 10_000 }).toBe(5)
  expect(saidBy(served)).toEqual(['otlp_lost'])
})

test('the end sends what waits', async () => {
  receiver = await startOtlpReceiver()
  const served = await start(receiver.url)
  await call(served, 3)
  await served.close()
  gateway = undefined
  expect(uidsAt(receiver).size).toBe(3)
})
