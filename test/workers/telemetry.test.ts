// Telemetry of several workers: each sends its own spans, and the primary sends the metrics of all as one.
import { afterEach, expect, test } from 'vitest'
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { startTestWorkers, type TestWorkers } from '../support/workers.ts'

const PATIENCE_MS = 60_000
const CALLS = 8

let receiver: OtlpReceiver | undefined
let workers: TestWorkers | undefined
afterEach(async () => {
  await workers?.close()
  await receiver?.close()
})

test(
  'spans by each worker, metrics by the primary, and each process has an instance of its own',
  async () => {
    receiver = await startOtlpReceiver()
    const top = `telemetry: { endpoint: "${receiver.url}", traces: {}, metrics: { interval: 1s } }`
    workers = await startTestWorkers({ top })
    for (let call = 0; call < CALLS; call += 1) {
      const { status, ended } = await workers.answer()
      expect(status).toBe(200)
      await ended
    }
    const { spans } = receiver
    await expect.poll(() => spans.length, { timeout: 20_000 }).toBe(CALLS * 4)
    const ofSpans = new Set(spans.map(({ resource }) => resource['service.instance.id']))
    expect(ofSpans.size).toBe(2)
    const decisions = () => receiver?.metrics.find(({ name }) => name === 'portcullis_decisions_total')
    await expect
      .poll(() => decisions()?.points.reduce((sum, { value }) => sum + value, 0), { timeout: 20_000 })
      .toBe(CALLS)
    expect(ofSpans).not.toContain(decisions()?.resource['service.instance.id'])
    const sent = receiver.requests.filter(({ url }) => url === '/v1/metrics')
    const served = receiver.metrics.find(({ name }) => name === 'portcullis_workers')
    expect(served?.points).toEqual([{ attributes: {}, value: 2 }])
    expect(sent.length).toBeGreaterThan(0)
  },
  PATIENCE_MS,
)
