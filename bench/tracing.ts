// What traces cost a call: without them, with spans for one call of ten, and for each. The receiver is here and counts what
// comes. Rounds take turns, so that a noisy machine disturbs all alike.
import { ok } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { compare, median, medianRatio } from './compare.ts'
import { record } from './figures.ts'
import { findProgram, type Program } from './program.ts'
import { createScene, type Scene, TOKEN_COUNT } from './scene.ts'
import { startGatewayProgram } from './subjects/gateway.ts'
import { startUpstream } from './subjects/nginx.ts'
import type { Subject } from './subjects/subject.ts'

/** Of the project: with spans for one call of ten a call takes at most so many times the CPU. */
const TARGET = 1.2
const PLAN = { rounds: 9, seconds: 2 }
const PARTS = { 'one of ten': 0.1, each: 1 } as const

process.exitCode = await main()

async function main(): Promise<number> {
  const missing = ['nginx', 'wrk'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0) {
    console.log(`bench skipped: this machine lacks ${missing.join(', ')}`)
    return 0
  }
  const scene = await createScene('tracing', TOKEN_COUNT)
  const receiver = await startReceiver()
  const started: Program[] = []
  try {
    const upstream = await startUpstream(scene)
    started.push(upstream.program)
    const start = async (name: string, top: string): Promise<Subject> => {
      const subject = await startTraced(scene, upstream.port, name, top)
      started.push(subject.program)
      return subject
    }
    const off = await start('off', '')
    const traced: Subject[] = []
    for (const [name, sample] of Object.entries(PARTS)) {
      const top = `telemetry: { endpoint: "${receiver.url}", traces: { sample: ${sample} } }`
      traced.push(await start(name, top))
    }
    const samples = await compare(scene, [off, ...traced], PLAN)
    ok(receiver.bytes() > 1_000_000, `the receiver got ${receiver.bytes()} bytes of spans`)
    return report(traced, samples, samples.get(off.name) ?? [])
  } finally {
    for (const program of started.toReversed()) await program.stop()
    receiver.close()
    await scene.issuer.close()
  }
}

type Samples = Parameters<typeof medianRatio>[0]

function report(traced: readonly Subject[], samples: ReadonlyMap<string, Samples>, off: Samples): number {
  const cpu = (of: Samples) => median(of.map(({ cpuPerRequest }) => cpuPerRequest)).toFixed(1)
  console.log(`without spans: ${cpu(off)} µs of CPU a call`)
  const figures = traced.map(({ name }, place) => {
    const own = samples.get(name) ?? []
    console.log(`with spans for ${name}: ${cpu(own)} µs`)
    return {
      what: `CPU of a call with spans for ${name}, over one without`,
      ...{ value: medianRatio(own, off), unit: 'times' },
      ...(place === 0 ? { limit: TARGET } : {}),
    }
  })
  return record('tracing', figures)
}

/** Takes all, and counts it. */
async function startReceiver() {
  let bytes = 0
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, bytes: () => bytes, close }
}

async function startTraced(scene: Scene, upstreamPort: number, name: string, top: string): Promise<Subject> {
  const port = await freePort()
  const folder = join(scene.folder, name.replaceAll(' ', '-'))
  mkdirSync(folder, { recursive: true })
  const program = await startGatewayProgram({ ...scene, folder }, upstreamPort, { port, top })
  const url = scene.resource.replace(`:${scene.gatewayPort}`, `:${port}`)
  return { name, url, program, checksTokens: true }
}
