// How long requests took, as a Prometheus histogram that is counted in place: prom-client's own costs as much for each
// request as checking its token. Registered beside those of prom-client, which only asks for the values.
import type { Metric, Registry } from 'prom-client'

/** Of one route. */
export interface Durations {
  observe(seconds: number): void
}

export interface DurationOptions {
  readonly name: string
  readonly help: string
  /** Upper bounds in seconds, rising. */
  readonly bounds: readonly number[]
  readonly registry: Registry
}

interface Sample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The durations of each route, by its name. */
export function createDurations({
  name,
  help,
  bounds,
  registry,
}: DurationOptions): (route: string) => Durations {
  const routes = new Map<string, RouteDurations>()
  const get = async () => ({
    ...{ name, help, type: 'histogram', aggregator: 'sum' },
    values: [...routes].flatMap(([route, durations]) => durations.samples(name, route)),
  })
  registry.registerMetric({ name, get, reset: () => routes.clear() } as unknown as Metric)
  return (route) => {
    const known = routes.get(route)
    if (known !== undefined) return known
    const fresh = new RouteDurations(bounds)
    routes.set(route, fresh)
    return fresh
  }
}

class RouteDurations implements Durations {
  readonly #bounds: readonly number[]
  /** Counts between two bounds; the last entry counts what was above all of them. */
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

  /** A bucket of a Prometheus histogram counts everything up to its bound. */
  samples(name: string, route: string): Sample[] {
    let count = 0
    const buckets = this.#counts.map((each, place) => {
      count += each
      const le = String(this.#bounds[place] ?? '+Inf')
      return { metricName: `${name}_bucket`, labels: { le, route }, value: count }
    })
    const whole = { labels: { route } }
    return [
      ...buckets,
      { ...whole, metricName: `${name}_sum`, value: this.#sum },
      { ...whole, metricName: `${name}_count`, value: count },
    ]
  }
}
