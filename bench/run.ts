// What a small call costs beside HAProxy and nginx, known token and new, the memory, and the hot functions.
// Skips where the other programs are missing. Method: README.md in this folder.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { assertAudited } from './audit-lines.ts'
import { compare } from './compare.ts'
import { assertCorrect } from './correct.ts'
import { crowd } from './crowd.ts'
import { endure } from './endurance.ts'
import { record } from './figures.ts'
import { measureFirstCalls } from './first-calls.ts'
import { timeHotPaths } from './hot-paths.ts'
import { findProgram, type Program } from './program.ts'
import { figuresOf, type Results, renderReport } from './report.ts'
import { createScene, type Scene, TOKEN_COUNT } from './scene.ts'
import { auditFile, startGateway } from './subjects/gateway.ts'
import { startHaproxy } from './subjects/haproxy.ts'
import { startNginxProxy, startUpstream } from './subjects/nginx.ts'
import type { Subject } from './subjects/subject.ts'

const NEEDED = ['nginx', 'haproxy', 'wrk', 'getconf']
const RESULTS = join(import.meta.dirname, '..', 'build', 'bench', 'results.json')

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '2' },
    requests: { type: 'string', default: '200000' },
  },
})
process.exitCode = await main(Number(values.rounds), Number(values.seconds), Number(values.requests))

async function main(rounds: number, seconds: number, requests: number): Promise<number> {
  const missing = NEEDED.filter((name) => findProgram(name) === undefined)
  if (!existsSync('/proc/self/stat')) missing.unshift('/proc (Linux)')
  if (missing.length > 0) {
    console.log(
      `bench skipped: this machine lacks ${missing.join(', ')} (Debian: apt-get install nginx haproxy wrk)`,
    )
    return 0
  }
  const scene = await createScene('run', TOKEN_COUNT)
  const started: Program[] = []
  try {
    const results = await measureAll(scene, started, { rounds, seconds, requests })
    mkdirSync(join(RESULTS, '..'), { recursive: true })
    writeFileSync(
      RESULTS,
      `${JSON.stringify({ ...results, subjects: Object.fromEntries(results.subjects) }, null, 2)}\n`,
    )
    console.log(`${renderReport(results)}\n\nbuild/bench/results.json has every sample`)
    return record('calls', figuresOf(results))
  } finally {
    for (const program of started.toReversed()) await program.stop()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
}

interface Amount {
  readonly rounds: number
  readonly seconds: number
  readonly requests: number
}

async function measureAll(scene: Scene, started: Program[], amount: Amount): Promise<Results> {
  const upstream = await startUpstream(scene)
  started.push(upstream.program)
  const start = async (starting: Promise<Subject>): Promise<Subject> => {
    const subject = await starting
    started.push(subject.program)
    await assertCorrect(scene, subject)
    return subject
  }
  const gateway = await start(startGateway(scene, upstream.port))
  const haproxy = await start(startHaproxy(scene, upstream.port))
  const nginx = await start(startNginxProxy(scene, upstream.port))
  console.log(
    `${amount.rounds} rounds of ${amount.seconds} s for each subject, then ${amount.requests} requests`,
  )
  const subjects = await compare(scene, [gateway, haproxy, nginx], amount)
  const endurance = await endure(scene, gateway, amount.requests)
  const manyCallers = await crowd(scene, gateway, amount)
  await gateway.program.stop()
  const answered = (subjects.get(gateway.name) ?? []).reduce((sum, { requests }) => sum + requests, 0)
  await assertAudited(auditFile(scene), answered + endurance.requests)
  const firstCalls = await measureFirstCalls(scene, upstream.port, amount)
  const timings = await timeHotPaths(scene)
  const names = { measured: gateway.name, yardstick: haproxy.name }
  return { subjects, ...names, endurance, manyCallers, firstCalls, timings }
}
