// Three replicas of two workers behind HAProxy, with one Redis and one PostgreSQL: what must hold over all of them. `--only`
// chooses some checks; each has its own stage. Prints a line for each thing that was looked at; exits 1 where one failed.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Check, CheckOptions } from './check.ts'
import { ERAS_CHECK } from './eras.ts'
import { KILL } from './kill.ts'
import { LIMIT } from './limit.ts'
import { missingPrograms } from './missing-programs.ts'
import { PROOFS } from './proofs.ts'
import { REFRESH } from './refresh.ts'
import { REVOCATION } from './revocation.ts'
import { ROLLING } from './rolling.ts'
import { openStage } from './stage.ts'
import { TASKS } from './tasks.ts'

const CHECKS: readonly Check[] = [LIMIT, PROOFS, TASKS, REVOCATION, KILL, ROLLING, ERAS_CHECK, REFRESH]
/** A folder for each check. */
const FOLDER = join(import.meta.dirname, '..', '..', 'build', 'bench', 'replicas')

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: CHECKS.map(({ name }) => name).join(',') },
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    calls: { type: 'string', default: '300' },
    streams: { type: 'string', default: '200' },
  },
})
process.exitCode = await main(values.only.split(','), {
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  callsPerSecond: Number(values.calls),
  streams: Number(values.streams),
})

async function main(names: readonly string[], options: CheckOptions): Promise<number> {
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name))
  if (unknown.length > 0) {
    console.error(`no such check: ${unknown}; there are ${CHECKS.map(({ name }) => name).join(', ')}`)
    return 1
  }
  const wrong = Object.entries(options).filter(([, value]) => !Number.isInteger(value) || value < 1)
  if (wrong.length > 0) {
    console.error(`no whole number from 1 on: ${wrong.map(([name]) => name)}`)
    return 1
  }
  const missing = missingPrograms()
  if (missing.length > 0) {
    console.log(
      `skipped: ${missing.join(', ')} not installed (Debian: apt-get install haproxy redis postgresql)`,
    )
    return process.env['CI'] === 'true' ? 1 : 0
  }
  let isGood = true
  for (const check of CHECKS.filter(({ name }) => names.includes(name))) {
    console.log(`${check.name}:`)
    const isRight = await runCheck(check, options).catch((error: unknown) => {
      console.log(`  FAIL  it broke off: ${error instanceof Error ? error.stack : error}`)
      return false
    })
    isGood = isRight && isGood
  }
  return isGood ? 0 : 1
}

async function runCheck(check: Check, options: CheckOptions): Promise<boolean> {
  const from = performance.now()
  const stage = await openStage({
    folder: join(FOLDER, check.name),
    ...{ replicas: 3, upstreams: ['world'], accessTokenTtl: '1h' },
    ...check.stage,
  })
  const stop = () => void stage.close().finally(() => process.exit(1))
  process.once('SIGTERM', stop).once('SIGINT', stop)
  try {
    const lines = await check.run(stage, options)
    for (const { what, good } of lines) console.log(`  ${good ? 'pass' : 'FAIL'}  ${what}`)
    console.log(`  in ${((performance.now() - from) / 1_000).toFixed(0)} s`)
    return lines.every(({ good }) => good)
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop)
    await stage.close()
  }
}
