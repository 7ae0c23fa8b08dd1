// One process, and a primary with two workers: CPU for a call, calls a second, and memory at rest, in rounds that take turns
// within one run. CPU is that of all processes of the gateway together. Needs nginx and wrk.
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { median } from './compare.ts'
import { record } from './figures.ts'
import { load } from './load.ts'
import { cpuMicroseconds, memory } from './proc.ts'
import { findProgram, type Program } from './program.ts'
import { createScene, type Scene, TOKEN_COUNT } from './scene.ts'
import { startGatewayProgram } from './subjects/gateway.ts'
import { startUpstream } from './subjects/nginx.ts'

const ROUNDS = 7
const SECONDS = 3
/** Two workers may cost so much more a call than one process. */
const MOST_TIMES = 1.1
const MOST_MIB = 90

interface Measured {
  readonly workers: number
  readonly scene: Scene
  readonly program: Program
  readonly pids: readonly number[]
  readonly cost: number[]
  readonly rate: number[]
}

process.exitCode = await main()

async function main(): Promise<number> {
  const missing = ['nginx', 'wrk'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0) {
    console.log(`not measured: ${missing.join(' and ')} is not installed`)
    return 0
  }
  const upstreamScene = await createScene('workers-upstream', 1)
  const upstream = await startUpstream(upstreamScene)
  const both = [await start(1, upstream.port), await start(2, upstream.port)]
  try {
    const atRest = both[1]?.pids.slice(1).map((pid) => memory(pid).residentMiB) ?? []
    for (const each of both) await load(each.scene, each.scene.resource, SECONDS * 2)
    for (let round = 0; round < ROUNDS; round += 1) for (const each of both) await measure(each)
    return tell(both, atRest)
  } finally {
    for (const { program, scene } of both) {
      await program.stop()
      await scene.issuer.close()
    }
    await upstream.program.stop()
    await upstreamScene.issuer.close()
  }
}

async function start(workers: number, upstreamPort: number): Promise<Measured> {
  const scene = await createScene(`workers-${workers}`, TOKEN_COUNT)
  const adminPort = await freePort()
  const program = await startGatewayProgram(scene, upstreamPort, { adminPort, workers })
  const others = workers === 1 ? [] : await pidsOf(adminPort, workers)
  return { workers, scene, program, pids: [program.pid, ...others], cost: [], rate: [] }
}

/** When all of them serve. */
async function pidsOf(adminPort: number, count: number): Promise<readonly number[]> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => undefined)
    const said = (await answer?.json()) as { workers?: { pid?: number; state: string }[] } | undefined
    const serving = said?.workers?.filter(({ state }) => state === 'serving') ?? []
    if (serving.length === count) return serving.map(({ pid = 0 }) => pid)
    await pause(100)
  }
}

async function measure({ scene, pids, cost, rate }: Measured): Promise<void> {
  const used = () => pids.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0)
  const before = used()
  const { requests, seconds } = await load(scene, scene.resource, SECONDS)
  cost.push((used() - before) / requests)
  rate.push(requests / seconds)
}

function tell([one, two]: readonly Measured[], atRest: readonly number[]): number {
  for (const each of [one, two])
    console.log(
      `${each?.workers} worker(s): ${median(each?.cost ?? []).toFixed(0)} µs of CPU a call, ${median(each?.rate ?? []).toFixed(0)} calls/s`,
    )
  const ratioOf = (of: 'cost' | 'rate') =>
    median((two?.[of] ?? []).map((value, at) => value / (one?.[of][at] ?? 1)))
  const [times, faster, most] = [ratioOf('cost'), ratioOf('rate'), Math.max(...atRest)]
  console.log(
    `calls/s: ${faster.toFixed(2)} times one process; load and upstream share the cores, so for information`,
  )
  return record('workers', [
    {
      what: 'CPU of a call with two workers, to one process',
      value: times,
      unit: 'times',
      limit: MOST_TIMES,
    },
    { what: 'memory of a worker at rest', value: most, unit: 'MiB', limit: MOST_MIB },
  ])
}
