// What counting in a shared store costs: an allowed call with `per_subject` in this process, and the same counted in Redis
// or Valkey on this machine. Rounds take turns, so that a noisy machine disturbs both alike.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { compare, median, medianRatio } from './compare.ts'
import { findProgram, type Program, startProgram } from './program.ts'
import { createScene, type Scene, TOKEN_COUNT } from './scene.ts'
import { startGatewayProgram } from './subjects/gateway.ts'
import { startUpstream } from './subjects/nginx.ts'
import type { Subject } from './subjects/subject.ts'

/** Of the project: a counted call takes at most so many times the CPU. */
const TARGET = 1.5
const PLAN = { rounds: 9, seconds: 2 }
const ROUTE = '    limits: { rate: { per_subject: 9999999/h } }'
const KEY = 'kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY'

process.exitCode = await main()

async function main(): Promise<number> {
  const server = findProgram('valkey-server') ?? findProgram('redis-server')
  const missing = ['nginx', 'wrk'].filter((name) => findProgram(name) === undefined)
  if (server === undefined) missing.push('redis-server')
  if (server === undefined || missing.length > 0) {
    console.log(`bench skipped: this machine lacks ${missing.join(', ')}`)
    return 0
  }
  const scene = await createScene('state', TOKEN_COUNT)
  const started: Program[] = []
  try {
    const [upstream, redisPort] = [await startUpstream(scene), await freePort()]
    started.push(upstream.program)
    const arguments_ = ['--port', String(redisPort), '--save', '', '--appendonly', 'no']
    started.push(await startProgram(server, arguments_, redisPort, join(scene.folder, 'redis.log')))
    const alone = await startCounting(scene, upstream.port, 'in this process', '')
    started.push(alone.program)
    const state = `session_key: "\${BENCH_KEY}"\nstate: { url: "redis://127.0.0.1:${redisPort}" }`
    const sharing = await startCounting(scene, upstream.port, 'in the store', state)
    started.push(sharing.program)
    const samples = await compare(scene, [alone, sharing], PLAN)
    return report(samples.get(alone.name) ?? [], samples.get(sharing.name) ?? [])
  } finally {
    for (const program of started.toReversed()) await program.stop()
    await scene.issuer.close()
  }
}

type Samples = Parameters<typeof medianRatio>[0]

function report(alone: Samples, sharing: Samples): number {
  const [ratio, cpu, cpuShared] = [
    medianRatio(sharing, alone),
    median(alone.map(({ cpuPerRequest }) => cpuPerRequest)),
    median(sharing.map(({ cpuPerRequest }) => cpuPerRequest)),
  ]
  console.log(`counted in this process: ${cpu.toFixed(1)} µs of CPU a call`)
  console.log(
    `counted in the store:    ${cpuShared.toFixed(1)} µs, ${ratio.toFixed(2)} times (target ${TARGET})`,
  )
  return ratio <= TARGET ? 0 : 1
}

async function startCounting(
  scene: Scene,
  upstreamPort: number,
  name: string,
  top: string,
): Promise<Subject> {
  const port = await freePort()
  const folder = join(scene.folder, name.replaceAll(' ', '-'))
  mkdirSync(folder, { recursive: true })
  const options = { port, top, route: ROUTE, env: { BENCH_KEY: KEY } }
  const program = await startGatewayProgram({ ...scene, folder }, upstreamPort, options)
  return {
    name,
    url: scene.resource.replace(`:${scene.gatewayPort}`, `:${port}`),
    program,
    checksTokens: true,
  }
}
