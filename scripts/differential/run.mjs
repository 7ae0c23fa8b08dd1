// What the gateway reads held against what others read. Each part is an entry of the table; a name behind the command
// runs that alone, `--count` sets how many inputs each has. Exits 1 when any two readings differ, and says what it left out.
import { parseArgs } from 'node:util'
import { compareAnswers } from './answers.mjs'
import { compareBodies } from './bodies.mjs'
import { comparePassing } from './passing.mjs'
import { compareStreams } from './streams.mjs'
import { compareTokens } from './tokens.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string' } },
})

/** Each gives how many readings were wrong. */
const PARTS = {
  answers: compareAnswers,
  bodies: compareBodies,
  passing: comparePassing,
  streams: compareStreams,
  tokens: compareTokens,
}

const options = { count: Number(values.count), seed: Number(values.seed ?? Date.now() % 1_000_000) }
for (const [name, run] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.log(`== ${name}: ${options.count} inputs, seed ${options.seed}`)
  const wrong = await run(options)
  console.log(`${wrong} wrong`)
  if (wrong > 0) process.exitCode = 1
}
