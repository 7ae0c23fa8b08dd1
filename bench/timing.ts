// The time of one call of a function in this process: the fastest of several batches, after a warm-up.
// What else runs on the machine only ever adds to it.

const BATCHES = 9
const WARM_UP_MS = 200
const BATCH_MS = 100

export interface Timing {
  readonly name: string
  /** Microseconds per call. */
  readonly micros: number
  readonly limitMicros: number | undefined
}

/** Times `call`, whose results are kept alive so that no compiler leaves it out. */
export async function time(name: string, call: () => unknown, limitMicros?: number): Promise<Timing> {
  const calls = await callsWithin(call, WARM_UP_MS)
  const perBatch = Math.max(1, Math.round((calls / WARM_UP_MS) * BATCH_MS))
  const samples: number[] = []
  for (let batch = 0; batch < BATCHES; batch++) samples.push(await timeBatch(call, perBatch))
  const micros = Math.min(...samples)
  return { name, micros, limitMicros }
}

async function callsWithin(call: () => unknown, limitMs: number): Promise<number> {
  const deadline = performance.now() + limitMs
  let calls = 0
  while (performance.now() < deadline) {
    await call()
    calls++
  }
  return calls
}

async function timeBatch(call: () => unknown, calls: number): Promise<number> {
  const results: unknown[] = []
  const start = performance.now()
  for (let n = 0; n < calls; n++) {
    const result = call()
    results[n % 64] = result instanceof Promise ? await result : result
  }
  return ((performance.now() - start) / calls) * 1_000
}
