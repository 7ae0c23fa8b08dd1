// The usual metrics of a process, as prom-client has them, but for the delays of its event loop. For those prom-client looks at
// a timer a hundred times a second, which wakes an idle process as often, and the time between two looks counts as delay.
// Here each turn of the loop is measured, and none is added.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Aggregator, collectDefaultMetrics, Gauge, type Registry } from 'prom-client'

interface Delay {
  readonly name: string
  readonly help: string
  /** How those of several processes become one. */
  readonly aggregator: Aggregator
  /** In nanoseconds. */
  readonly of: (delays: ReturnType<typeof monitorEventLoopDelay>) => number
}

/** Under the names that prom-client gives them, which dashboards know. */
const LAG = 'nodejs_eventloop_lag_seconds'
const DELAYS: readonly Delay[] = [
  delayOf('min', 'The shortest delay', 'min', ({ min }) => min),
  delayOf('max', 'The longest delay', 'max', ({ max }) => max),
  delayOf('mean', 'The mean delay', 'average', ({ mean }) => mean),
  delayOf('stddev', 'The standard deviation of the delays', 'average', ({ stddev }) => stddev),
  delayOf('p50', 'The 50th percentile of the delays', 'average', (delays) => delays.percentile(50)),
  delayOf('p90', 'The 90th percentile of the delays', 'average', (delays) => delays.percentile(90)),
  delayOf('p99', 'The 99th percentile of the delays', 'average', (delays) => delays.percentile(99)),
]

function delayOf(part: string, what: string, aggregator: Aggregator, of: Delay['of']): Delay {
  const help = `${what} of the event loop since the last scrape, in seconds.`
  return { name: `nodejs_eventloop_lag_${part}_seconds`, help, aggregator, of }
}

/** 24 days: prom-client's own timer, whose numbers nobody sees. */
const NEVER_MS = 2 ** 31 - 1
/** Node before 24.19 and 26.5 cannot measure each turn: it looks so often, and that time counts as delay. */
const LOOK_MS = 100
const NANOSECONDS = 1e9

export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS })
  for (const name of [LAG, ...DELAYS.map(({ name }) => name)]) registry.removeSingleMetric(name)
  const registers = [registry]
  const delays = monitorEventLoopDelay({ samplePerIteration: true, resolution: LOOK_MS })
  delays.enable()
  const gauges = new Map<Delay, Gauge>()
  // A registry collects in the order of registration, so this one sets the values of those behind it
  new Gauge({
    ...{ name: LAG, help: 'Delay of the event loop at the scrape.', registers, aggregator: 'average' },
    async collect() {
      for (const [delay, gauge] of gauges) gauge.set(delays.count === 0 ? 0 : delay.of(delays) / NANOSECONDS)
      delays.reset()
      const asked = performance.now()
      await new Promise(setImmediate)
      this.set((performance.now() - asked) / 1_000)
    },
  })
  for (const delay of DELAYS) {
    const { name, help, aggregator } = delay
    gauges.set(delay, new Gauge({ name, help, registers, aggregator }))
  }
}
