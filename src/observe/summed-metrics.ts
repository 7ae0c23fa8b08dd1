// The metrics of several processes as one: values are added up, or put together as prom-client says for each kind. What a
// process counted stays when it is gone: a counter that fell would be read as one that began anew.
import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client'
import { createReloadCounter, type MetricSamples, showConfiguration } from './metrics.ts'
import { collectProcessMetrics } from './process-metrics.ts'
import { createProgramCounters } from './program-counters.ts'

export interface SummedMetrics {
  readonly contentType: string
  /** What the process of this number counts, until it is asked again. */
  keep(process: number, samples: readonly MetricSamples[]): void
  /** It is gone: what it counted stays, and what it held does not. */
  retire(process: number): void
  reload(result: 'applied' | 'refused'): void
  death(): void
  /** What happens to programs, which belong to this process. */
  readonly programs: ReturnType<typeof createProgramCounters>
  /** Returns the metrics of this process and of all others together. */
  text(): Promise<string>
  /** The same, as values. */
  samples(): Promise<readonly MetricSamples[]>
}

export interface SummedMetricsOptions {
  /** Workers that serve now. */
  readonly serving: () => number
  /** Whether the last reload was applied. What needs a restart, the workers say themselves. */
  readonly isCurrent: () => boolean
}

export function createSummedMetrics({ serving, isCurrent }: SummedMetricsOptions): SummedMetrics {
  const own = new Registry()
  const registers = [own]
  collectProcessMetrics(own)
  showConfiguration(registers, isCurrent)
  const deaths = new Counter({
    name: 'portcullis_worker_deaths_total',
    help: 'Workers that ended without being told to.',
    registers,
  })
  new Gauge({
    name: 'portcullis_workers',
    help: 'Workers that serve now.',
    registers,
    collect() {
      this.set(serving())
    },
  })
  const programs = createProgramCounters(registers)
  const living = new Map<number, readonly MetricSamples[]>()
  let gone: readonly MetricSamples[] = []
  const all = async () => sumOf([await own.getMetricsAsJSON(), ...living.values(), gone])
  return {
    contentType: own.contentType,
    keep: (process, samples) => void living.set(process, samples),
    retire(process) {
      const counted = (living.get(process) ?? []).filter(({ type }) => isCounted(type))
      living.delete(process)
      gone = sumOf([gone, counted]).getMetricsAsArray() as unknown as readonly MetricSamples[]
    },
    reload: createReloadCounter(registers),
    death: () => deaths.inc(),
    programs,
    text: async () => (await all()).metrics(),
    samples: async () => (await all()).getMetricsAsJSON(),
  }
}

/** Counters and histograms, as prom-client writes their kinds. */
function isCounted(type: unknown): boolean {
  return type === 'counter' || type === 'histogram'
}

function sumOf(all: readonly (readonly MetricSamples[])[]): Registry {
  return AggregatorRegistry.aggregate([...all])
}
