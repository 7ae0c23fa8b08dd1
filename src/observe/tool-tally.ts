// Calls of tools: how many, how they ended and how long they took, by the names that the configuration has. What else a
// client asks for is `other`, so nobody makes labels by making up names (K07).
import type { Counter, Metric, Registry } from 'prom-client'
import { Durations, registerHistogram } from './durations.ts'
import type { RequestRecord, RpcOutcome } from './request-record.ts'

export interface NamedTools {
  readonly route: string
  readonly tools: readonly string[]
}

export interface ToolTally {
  /** The names that have labels from now on; what was counted of those that stay goes on. */
  name(routes: readonly NamedTools[]): void
  count(record: RequestRecord, seconds: number): void
}

type ToolOutcome = RpcOutcome | 'refused'

const OTHER = 'other'
const CALLS = 'portcullis_tool_calls_total'

class OneTool {
  readonly #labels: { readonly route: string; readonly tool: string }
  readonly #outcomes: Record<ToolOutcome, number> = {
    refused: 0,
    result: 0,
    error: 0,
    tool_error: 0,
    none: 0,
  }
  readonly #took: Durations

  constructor(route: string, tool: string, bounds: readonly number[]) {
    this.#labels = { route, tool }
    this.#took = new Durations(bounds)
  }

  count(outcome: ToolOutcome, seconds: number): void {
    this.#outcomes[outcome] += 1
    this.#took.observe(seconds)
  }

  durations(name: string) {
    return this.#took.samples(name, this.#labels)
  }

  calls() {
    const told = Object.entries(this.#outcomes).filter(([, value]) => value > 0)
    return told.map(([outcome, value]) => ({ labels: { ...this.#labels, outcome }, value }))
  }
}

interface RouteTools {
  /** In the order in which they are printed; `other` is the last. */
  readonly names: ReadonlySet<string>
  /** Those that were called. */
  readonly called: Map<string, OneTool>
}

export function createToolTally(registry: Registry, bounds: readonly number[]): ToolTally {
  let routes: ReadonlyMap<string, RouteTools> = new Map()
  const used = () =>
    [...routes.values()].flatMap(({ names, called }) => [...names].flatMap((name) => called.get(name) ?? []))
  registerHistogram({
    name: 'portcullis_tool_duration_seconds',
    help: 'Time from the request line to the end of the response, of calls of tools that the configuration names.',
    samples: (name) => used().flatMap((tool) => tool.durations(name)),
    registry,
  })
  registerCalls(registry, () => used().flatMap((tool) => tool.calls()))
  const routeOf = ({ route, tools }: NamedTools): RouteTools => {
    const names = new Set([...tools.filter((tool) => tool !== OTHER), OTHER])
    const before = [...(routes.get(route)?.called ?? [])]
    return { names, called: new Map(before.filter(([tool]) => names.has(tool))) }
  }
  const toolOf = (route: string, { names, called }: RouteTools, name: string): OneTool => {
    const label = names.has(name) ? name : OTHER
    const known = called.get(label)
    if (known !== undefined) return known
    const fresh = new OneTool(route, label, bounds)
    called.set(label, fresh)
    return fresh
  }
  return {
    name(named) {
      routes = new Map(named.map((each) => [each.route, routeOf(each)]))
    },
    count({ route, calls, refusal, rpc }, seconds) {
      const tools = routes.get(route)
      if (tools === undefined) return
      const outcome = refusal === undefined ? rpc : 'refused'
      for (const { kind, method, targets } of calls) {
        if (method !== 'tools/call' || kind !== 'request') continue
        toolOf(route, tools, targets[0]?.name ?? '').count(outcome, seconds)
      }
    },
  }
}

type Values = Awaited<ReturnType<Counter['get']>>['values']

function registerCalls(registry: Registry, values: () => Values): void {
  const help = 'Calls of tools by route, by the names that the configuration has, and by how they ended.'
  const get = async () => ({ name: CALLS, help, type: 'counter', aggregator: 'sum', values: values() })
  registry.registerMetric({ name: CALLS, get, reset() {} } as unknown as Metric)
}
