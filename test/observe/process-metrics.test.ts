// The metrics of the process itself: delays of the event loop are measured without waking it.
import { execFileSync } from 'node:child_process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { collectProcessMetrics } from '../../src/observe/process-metrics.ts'

const PARTS = ['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_']

async function delaysIn(registry: Registry): Promise<ReadonlyMap<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^nodejs_eventloop_lag/.test(line))
  return new Map(lines.map((line) => line.split(' ') as [string, string]).map(([k, v]) => [k, Number(v)]))
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('a delay of the event loop is seen, once, under the names of prom-client', async () => {
  const registry = new Registry()
  collectProcessMetrics(registry)
  const none = await delaysIn(registry)
  expect([...none.keys()]).toEqual(PARTS.map((part) => `nodejs_eventloop_lag_${part}seconds`))
  expect([...none.values()].every(Number.isFinite)).toBe(true)
  expect(none.get('nodejs_eventloop_lag_min_seconds')).toBe(0) // nothing was measured yet
  await nextTurn()
  block(300)
  await nextTurn()
  await nextTurn()
  const seen = await delaysIn(registry)
  expect(seen.get('nodejs_eventloop_lag_max_seconds')).toBeGreaterThanOrEqual(0.29) // the histogram has three digits
  expect(seen.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0.29)
  expect(seen.get('nodejs_eventloop_lag_min_seconds')).toBeLessThan(0.29)
})

test('an idle event loop is not woken', () => {
  // vitest's own worker is never idle
  const script = `
    import { Registry } from 'prom-client'
    import { performance } from 'node:perf_hooks'
    import { setTimeout as pause } from 'node:timers/promises'
    import { collectProcessMetrics } from './src/observe/process-metrics.ts'
    collectProcessMetrics(new Registry())
    await pause(50)
    const before = performance.nodeTiming.uvMetricsInfo.loopCount
    await pause(1_000)
    console.log(performance.nodeTiming.uvMetricsInfo.loopCount - before)`
  const args = ['--input-type=module', '-e', script]
  const turns = Number(execFileSync(process.execPath, args, { cwd: `${import.meta.dirname}/../..` }))
  expect(turns).toBeGreaterThanOrEqual(1)
  expect(turns).toBeLessThan(10) // prom-client's own timer makes a hundred
})
