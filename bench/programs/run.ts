// What must hold of servers that are programs: nobody hears of another, and nothing is left over. Each part is an entry of the
// table; names behind the command run some of them. Prints a line for each thing that was looked at; exits 1 where one failed.
import { parseArgs } from 'node:util'
import type { Line } from '../replicas/check.ts'
import { crossing } from './crossing.ts'
import { kill } from './kill.ts'
import { missingProc } from './marked.ts'
import { soak } from './soak.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    callers: { type: 'string', default: '20' },
    calls: { type: 'string', default: '10000' },
    sessions: { type: 'string', default: '2000' },
    npx: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '50' },
  },
})

interface Part {
  readonly name: string
  readonly run: () => Promise<readonly Line[]>
}

const callers = Number(values.callers)
const PARTS: readonly Part[] = [
  {
    name: 'crossing',
    run: () => crossing({ callers, rounds: Math.ceil(Number(values.calls) / callers) }),
  },
  { name: 'soak', run: () => soak({ sessions: Number(values.sessions), npx: Number(values.npx) }) },
  { name: 'kill', run: () => kill({ rounds: Number(values.rounds) }) },
]

process.exitCode = await main(positionals)

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name))
  if (unknown.length > 0) {
    console.error(`no such part: ${unknown}; there are ${PARTS.map(({ name }) => name).join(', ')}`)
    return 1
  }
  const missing = missingProc()
  if (missing !== undefined) {
    console.log(`skipped: ${missing}`)
    return process.env['CI'] === 'true' ? 1 : 0
  }
  let isGood = true
  for (const { name, run } of PARTS.filter((part) => names.length === 0 || names.includes(part.name))) {
    const from = performance.now()
    console.log(`${name}:`)
    const lines = await run()
    for (const { what, good } of lines) console.log(`  ${good ? 'pass' : 'FAIL'}  ${what}`)
    console.log(`  in ${((performance.now() - from) / 1_000).toFixed(0)} s`)
    isGood &&= lines.every(({ good }) => good)
  }
  return isGood ? 0 : 1
}
