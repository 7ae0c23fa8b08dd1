// What an operator can see of a gateway in a test: its metrics, and the decisions in its audit.
import type { TestGateway } from './gateway.ts'

/** The metrics page as text. */
export async function metricsOf(gateway: TestGateway): Promise<string> {
  return (await fetch(`${gateway.running.adminOrigin}/metrics`)).text()
}

/** The sum of a metric over all label sets that hold these values. */
export function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** The audit's decisions, in order; of a gateway that was started with `auditRequired`. */
export function decisionsOf(gateway: TestGateway): readonly Record<string, unknown>[] {
  return gateway.audit().filter(({ event }) => event === 'decision')
}
