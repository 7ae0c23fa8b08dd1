// What users would pick instead, beside the gateway: CPU for each call, latency at a steady pace, memory. One process
// each, in front of the same upstream. Method: README.md in the folder above.
import { ok } from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { median } from '../compare.ts'
import { load } from '../load.ts'
import { type Latencies, openLoop } from '../open-loop.ts'
import { cpuMicroseconds, memory } from '../proc.ts'
import { findProgram, type Program, startProgram } from '../program.ts'
import { createScene, REQUEST_BODY, REQUEST_HEADERS, type Scene, TOKEN_COUNT, TOKENS_FILE } from '../scene.ts'
import { auditFile, startGateway } from '../subjects/gateway.ts'
import { startHaproxy } from '../subjects/haproxy.ts'
import { startContextForge } from './context-forge.ts'
import { FOLDER } from './install.ts'
import { type PeerSubject, type StartPeer, startFastmcp, startMcpAuth, startOauth2Proxy } from './subjects.ts'

const RESULTS = join(FOLDER, '..', 'bench', 'peers.json')
const WARM_UP_SECONDS = 5
/** Few, so that the slowest of them answers within a round. */
const CONNECTIONS = 8
/** What the slowest of them still does without a queue. */
const PACE = { perSecond: 5, seconds: 20 }

const STARTS: readonly StartPeer[] = [
  startGateway,
  startHaproxy,
  startOauth2Proxy,
  startMcpAuth,
  startFastmcp,
  startContextForge,
]

interface Figures {
  readonly name: string
  readonly cpuMicros: number
  readonly perSecond: number
  readonly residentMiB: number
  readonly latency: Latencies
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '5' } },
})
process.exitCode = await main(Number(values.rounds), Number(values.seconds))

async function main(rounds: number, seconds: number): Promise<number> {
  const missing = ['haproxy', 'wrk', 'getconf'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0) {
    console.log(`bench:peers skipped: this machine lacks ${missing.join(', ')}`)
    return 0
  }
  const scene = await createScene('peers', TOKEN_COUNT)
  const started: Program[] = []
  try {
    const port = await freePort()
    const upstream = [join(import.meta.dirname, 'upstream.ts'), String(port)]
    started.push(await startProgram(process.execPath, upstream, port, join(scene.folder, 'upstream.log')))
    const subjects = await startAll(scene, port, started)
    const figures = await measureAll(scene, subjects, rounds, seconds)
    mkdirSync(join(RESULTS, '..'), { recursive: true })
    writeFileSync(RESULTS, `${JSON.stringify(figures, null, 2)}\n`)
    console.log(table(figures))
    return 0
  } finally {
    for (const program of started.toReversed()) await program.stop()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
}

async function startAll(scene: Scene, port: number, started: Program[]): Promise<readonly PeerSubject[]> {
  const subjects: PeerSubject[] = []
  for (const start of STARTS) {
    const subject = await start(scene, port)
    if (typeof subject === 'string') {
      console.log(`left out: ${subject}`)
      continue
    }
    started.push(subject.program)
    await assertServes(scene, subject)
    subjects.push(subject)
  }
  return subjects
}

/** Nothing measures an error page: the tool's answer must come, and a token of another key must be refused. */
async function assertServes(
  scene: Scene,
  { name, url, body = REQUEST_BODY, tokens }: PeerSubject,
): Promise<void> {
  const call = async (token: string) => {
    const headers = { ...REQUEST_HEADERS, authorization: `Bearer ${token}` }
    const answer = await fetch(url, { method: 'POST', headers, body })
    return { status: answer.status, text: await answer.text() }
  }
  const good = await call((tokens ?? scene.tokens)[0] ?? '')
  ok(good.status === 200 && good.text.includes('Buy milk and bread.'), `${name}: ${good.status} ${good.text}`)
  const bad = await call(scene.badToken)
  ok(bad.status === 401 || bad.status === 403, `${name}: a bad token must be refused, got ${bad.status}`)
}

/** Rounds take turns, so that a noisy machine disturbs all alike. */
async function measureAll(
  scene: Scene,
  subjects: readonly PeerSubject[],
  rounds: number,
  seconds: number,
): Promise<readonly Figures[]> {
  const samples = new Map<PeerSubject, { cpuMicros: number; perSecond: number }[]>()
  for (const subject of subjects) {
    samples.set(subject, [])
    await under(scene, subject, WARM_UP_SECONDS)
  }
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) samples.get(subject)?.push(await under(scene, subject, seconds))
  }
  const figures: Figures[] = []
  for (const subject of subjects) {
    const own = samples.get(subject) ?? []
    figures.push({
      name: subject.name,
      cpuMicros: median(own.map(({ cpuMicros }) => cpuMicros)),
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      residentMiB: memory(subject.program.pid).residentMiB,
      latency: await openLoop(subject.url, subject.tokens ?? scene.tokens, PACE, subject.body),
    })
  }
  return figures
}

async function under(scene: Scene, { program, url, tokens, body }: PeerSubject, seconds: number) {
  const file = tokens === undefined ? TOKENS_FILE : 'peer-tokens.txt'
  if (tokens !== undefined) writeFileSync(join(scene.folder, file), `${tokens.join('\n')}\n`)
  const before = cpuMicroseconds(program.pid)
  const { requests, seconds: took } = await load(scene, url, seconds, {
    tokensFile: file,
    body: body ?? REQUEST_BODY,
    connections: CONNECTIONS,
  })
  return { cpuMicros: (cpuMicroseconds(program.pid) - before) / requests, perSecond: requests / took }
}

function table(figures: readonly Figures[]): string {
  const own = figures[0]?.cpuMicros ?? Number.NaN
  return [
    `| subject | CPU of a call | times ours | calls/s of one process | resident | p50 / p99 at ${PACE.perSecond}/s |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...figures.map(({ name, cpuMicros, perSecond, residentMiB, latency: { p50Ms, p99Ms } }) =>
      [
        '',
        name,
        `${cpuMicros.toFixed(0)} µs`,
        (cpuMicros / own).toFixed(2),
        perSecond.toFixed(0),
        `${residentMiB.toFixed(0)} MiB`,
        `${p50Ms.toFixed(2)} / ${p99Ms.toFixed(2)} ms`,
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ].join('\n')
}
