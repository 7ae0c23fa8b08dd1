// Replicas are replaced one by one while calls come at a steady pace and streams are open: no call fails, and every stream
// ends in order and goes on at another replica.
import { setTimeout as pause } from 'node:timers/promises'
import type { Check, Line } from './check.ts'
import { watchProcessors } from './processor-time.ts'
import { wholeAgain } from './replica.ts'
import { keepThePace, type Load } from './rolling/load.ts'
import { catchesUp, keepListening, type Listener, openListener } from './rolling/streams.ts'
import type { Stage } from './stage.ts'

/** Sessions begun at once. */
const AT_ONCE = 10
/** Before the first and after the last; each stream brings an event in that time. */
const QUIET_MS = 6_000
/** Six workers compile what they run: until then a call costs several times as much, and fewer come. */
const WARM_UP_MS = 10_000
/** Until the balancer sees that a replica is there again. */
const SEEN_MS = 2_000

export const ROLLING: Check = {
  name: 'rolling',
  stage: { upstreams: ['light', 'everything'] },
  async run(stage, { callsPerSecond, streams }) {
    const all = { over: false }
    const url = stage.url('everything')
    const listeners = await openListeners(stage, streams)
    const listening = Promise.all(listeners.map((listener) => keepListening(listener, url, all)))
    const load: Load & { over: boolean } = { over: false, calls: 0, failures: new Map(), latenciesMs: [] }
    const begun = performance.now()
    const calling = keepThePace(stage, callsPerSecond, WARM_UP_MS, load)
    const ends = await replaceAll(stage).finally(() => {
      load.over = true
      all.over = true
    })
    await calling
    const seconds = (performance.now() - begun) / 1_000
    await listening
    const takenUp = takenUpLine(listeners)
    for (const { faults } of listeners) faults.length = 0 // each is taken up once more
    const caughtUp = await Promise.all(listeners.map((listener) => catchesUp(listener, url)))
    return [
      { what: `replaced one by one, ended with ${ends.join(', ')}`, good: ends.every((end) => end === 0) },
      callsLine(load, seconds, callsPerSecond),
      takenUp,
      caughtUpLine(listeners, caughtUp),
    ]
  },
}

async function openListeners(stage: Stage, howMany: number): Promise<readonly Listener[]> {
  const listeners: Listener[] = []
  while (listeners.length < howMany) {
    const next = Array.from({ length: Math.min(AT_ONCE, howMany - listeners.length) }, (_, n) =>
      openListener(stage, `listener-${listeners.length + n}`),
    )
    listeners.push(...(await Promise.all(next)))
  }
  return listeners
}

async function replaceAll({ replicas }: Stage): Promise<readonly (number | string)[]> {
  const ends: (number | string)[] = []
  await pause(2 * WARM_UP_MS)
  const taken = watchProcessors()
  await pause(QUIET_MS)
  console.log(`  with all replicas: ${taken()}`)
  for (const replica of replicas) {
    const from = performance.now()
    const takenMeanwhile = watchProcessors()
    ends.push(await replica.end())
    const endedMs = performance.now() - from
    await replica.start()
    await wholeAgain(replicas)
    const wholeMs = performance.now() - from
    console.log(
      `  replica ${replica.number}: ended after ${seconds(endedMs)}, whole after ${seconds(wholeMs)}; ${takenMeanwhile()}`,
    )
    await pause(SEEN_MS)
  }
  await pause(QUIET_MS)
  return ends
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function callsLine({ calls, failures, latenciesMs }: Load, took: number, perSecond: number): Line {
  const failed = [...failures.values()].reduce((sum, many) => sum + many, 0)
  const sorted = latenciesMs.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(0)
  const pace = (calls / took).toFixed(0)
  return {
    what: `${failed} of ${calls} calls failed (${pace} a second; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms)${countedWords(failures)}`,
    good: failed === 0 && calls / took > perSecond / 2,
  }
}

function takenUpLine(listeners: readonly Listener[]): Line {
  const faults = faultsOf(listeners)
  const takenUp = listeners.reduce((sum, { replicas }) => sum + replicas.length - 1, 0)
  const elsewhere = listeners.flatMap(({ replicas }) =>
    replicas.slice(1).filter((replica, index) => replica !== replicas[index]),
  ).length
  return {
    what: `${listeners.length} streams ended in order and were taken up again ${takenUp} times, ${elsewhere} of them at another replica${faults}`,
    good: faults === '' && takenUp >= listeners.length && elsewhere === takenUp,
  }
}

function faultsOf(listeners: readonly Listener[]): string {
  const counts = new Map<string, number>()
  for (const fault of listeners.flatMap(({ faults }) => faults))
    counts.set(fault, (counts.get(fault) ?? 0) + 1)
  return countedWords(counts)
}

/** Each on a line of its own. */
function countedWords(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([why, many]) => `\n          ${many} × ${why}`).join('')
}

function caughtUpLine(listeners: readonly Listener[], caughtUp: readonly boolean[]): Line {
  const alive = caughtUp.filter(Boolean).length
  const events = listeners.reduce((sum, listener) => sum + listener.events, 0)
  return {
    what: `${alive} of ${listeners.length} streams bring what came meanwhile (${events} events in all)${faultsOf(listeners)}`,
    good: alive === listeners.length,
  }
}
