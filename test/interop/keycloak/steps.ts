// What was done with somebody else's program, step by step: each is a test, and all together are printed as a table.
import { it } from 'vitest'

export interface Steps {
  /** A test that stands in the table. */
  step(name: string, act: () => Promise<void>): void
  /** The same outside of a test. */
  measure<T>(name: string, act: () => Promise<T>): Promise<T>
  print(title: string): void
}

const LIMIT_MS = 120_000

export function createSteps(): Steps {
  const rows: { readonly name: string; readonly result: string; readonly ms: number }[] = []
  const measure = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const from = performance.now()
    let result = 'failed'
    try {
      const value = await act()
      result = 'ok'
      return value
    } finally {
      rows.push({ name, result, ms: Math.round(performance.now() - from) })
    }
  }
  return {
    step: (name, act) => it(name, () => measure(name, act), LIMIT_MS),
    measure,
    print(title) {
      const lines = rows.map(({ name, result, ms }) => `| ${name} | ${result} | ${ms} ms |`)
      process.stdout.write(`\n| ${title} | result | time |\n|---|---|---|\n${lines.join('\n')}\n\n`)
    },
  }
}
