// The embedded authorization server at the pace that it must hold: 500 whole sign-ins and 2,000 refreshes a minute at
// the same time, over sockets, with SQLite on the disk. Prints figures; exits 1 when anything failed, or when the p95
// of the token endpoint is over 50 ms. Method: README.md in this folder.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { addressOf, type Connection, connect, refresh, type Times } from './connecting.ts'
import { cpuMicroseconds, memory } from './proc.ts'
import { type Embedded, startEmbedded } from './subjects/embedded.ts'

const SIGN_INS_PER_MINUTE = 500
const REFRESHES_PER_MINUTE = 2_000
const TOKEN_P95_LIMIT_MS = 50
const PEOPLE = 50
/** Connected before the measurement begins, so that each refreshes every few seconds. */
const CONNECTED = 200
/** Sign-ins at a time while it warms up. */
const WARM_UP_AT_ONCE = 2

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } })
process.exitCode = await main(Number(values.seconds))

interface Run {
  readonly server: Embedded
  /** Nobody uses one that is not here: it is taken from the front, and comes back at the end. */
  readonly connections: Connection[]
  readonly times: Times
  readonly failures: Map<string, number>
  /** Programs so far. */
  programs: number
}

async function main(seconds: number): Promise<number> {
  const server = await startEmbedded(PEOPLE)
  const run: Run = { server, connections: [], times: noTimes(), failures: new Map(), programs: 0 }
  try {
    await warmUp(run)
    const times = noTimes()
    const cpuBefore = cpuMicroseconds(server.program.pid)
    const begun = performance.now()
    const measured: Run = { ...run, times }
    await Promise.all([
      atPace(REFRESHES_PER_MINUTE, seconds, () => counted(measured, () => refreshNext(measured))),
      atPace(SIGN_INS_PER_MINUTE, seconds, () => counted(measured, () => connectNext(measured))),
    ])
    const tookMs = performance.now() - begun
    const cpu = (cpuMicroseconds(server.program.pid) - cpuBefore) / (tookMs * 1_000)
    return report(measured, tookMs / 1_000, cpu)
  } finally {
    await server.program.stop()
  }
}

function noTimes(): Times {
  return { tokens: [], signIns: [] }
}

async function warmUp(run: Run): Promise<void> {
  const work = async () => {
    while (run.connections.length < CONNECTED) await connectNext(run)
  }
  await Promise.all(Array.from({ length: WARM_UP_AT_ONCE }, work))
}

async function connectNext(run: Run): Promise<void> {
  const { server } = run
  const n = run.programs
  run.programs += 1
  const name = server.people[n % server.people.length] ?? ''
  run.connections.push(await connect(server, name, addressOf(n), run.times))
}

async function refreshNext({ server, connections, times }: Run): Promise<void> {
  const connection = connections.shift()
  if (connection === undefined) throw new Error('every connection waits for its last refresh')
  connections.push(await refresh(server, connection, times))
}

async function counted({ failures }: Run, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    failures.set(message, (failures.get(message) ?? 0) + 1)
  }
}

/** In an open loop: what is slow does not make what follows later. */
async function atPace(perMinute: number, seconds: number, work: () => Promise<void>): Promise<void> {
  const begun = performance.now()
  const running: Promise<void>[] = []
  for (let count = 0; count < (perMinute * seconds) / 60; count += 1) {
    const due = begun + (count * 60_000) / perMinute
    await pause(Math.max(0, due - performance.now()))
    running.push(work())
  }
  await Promise.all(running)
}

function report({ server, times, failures }: Run, seconds: number, cpu: number): number {
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0)
  const { tokens, signIns } = times
  const refreshes = tokens.length - signIns.length
  const perMinute = (count: number) => Math.round((count / seconds) * 60)
  console.log(`in ${seconds.toFixed(1)} s`)
  console.log(`  ${signIns.length} sign-ins (${perMinute(signIns.length)} a minute)`)
  console.log(`  ${refreshes} refreshes (${perMinute(refreshes)} a minute)`)
  console.log(`token endpoint   ${percentiles(tokens)}`)
  console.log(`whole sign-in    ${percentiles(signIns)}`)
  console.log(
    `CPU ${(cpu * 100).toFixed(0)} % of a core, peak ${memory(server.program.pid).peakMiB.toFixed(0)} MiB`,
  )
  for (const [message, count] of failures) console.log(`  ${count} × ${message}`)
  const p95 = percentile(tokens, 0.95)
  const good = failed === 0 && p95 <= TOKEN_P95_LIMIT_MS
  console.log(
    `${good ? 'pass' : 'FAIL'}  ${failed} failed; p95 of the token endpoint ${p95.toFixed(1)} ms, at most ${TOKEN_P95_LIMIT_MS} ms`,
  )
  return good ? 0 : 1
}

function percentiles(times: readonly number[]): string {
  const at = (share: number) => percentile(times, share).toFixed(1)
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
