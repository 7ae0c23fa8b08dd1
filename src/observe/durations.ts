// How long requests took, as a Prometheus histogram that is counted in place: prom-client's own costs as much for each
// request as checking its token. Registered beside those of prom-client, which only asks for the values.
import type { Metric, Registry } from 'prom-client'

export interface HistogramOptions {
  readonly name: string
  readonly help: string
  /** What is printed whenever somebody asks. */
  readonly samples: (name: string) => readonly Sample[]
  readonly registry: Registry
}

export interface Sample {
  readonly metricName: string
  readonly labels: Labels
  readonly value: number
}

type Labels = Readonly<Record<string, string>>

export interface DurationOptions extends Omit<HistogramOptions, 'samples'> {
  /** Upper bounds in seconds, rising. */
  readonly bounds: readonly number[]
}

/** Beside those of prom-client. */
export function registerHistogram({ name, help, samples, registry }: HistogramOptions): void {
  const get = async () => ({
    ...{ name, help, type: 'histogram', aggregator: 'sum' },
    values: samples(name),
  })
  registry.registerMetric({ name, get, reset() {} } as unknown as Metric)
}

/** The durations of each route, by its name. */
export function createDurations({ bounds, ...options }: DurationOptions): (route: string) => Durations {
  const routes = new Map<string, Durations>()
  registerHistogram({
    ...options,
    samples: (name) => [...routes].flatMap(([route, durations]) => durations.samples(name, { route })),
  })
  return (route) => {
    const known = routes.get(route)
    if (known !== undefined) return known
    const fresh = new Durations(bounds)
    routes.set(route, fresh)
    return fresh
  }
}

/** The histogram of one route, or of one tool. */
export class Durations {
  readonly #bounds: readonly number[]
  /** How many fell between two bounds; the last entry is what was above all. */
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = [...bounds.map(() => 0), 0]
  }

  observe(seconds: number): void {
    let place = 0
    while (place < this.#bounds.length && seconds > (this.#bounds[place] as number)) place += 1
    this.#counts[place] = (this.#counts[place] as number) + 1
    this.#sum += seconds
  }

  /** Buckets of a Prometheus histogram hold all that is not above their bound. */
  samples(name: string, labels: Labels): Sample[] {
    let count = 0
    const buckets = this.#counts.map((each, place) => {
      count += each
      const le = String(this.#bounds[place] ?? '+Inf')
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count }
    })
    return [
      ...buckets,
      { labels, metricName: `${name}_sum`, value: this.#sum },
      { labels, metricName: `${name}_count`, value: count },
    ]
  }
}
