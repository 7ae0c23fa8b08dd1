// What strangers can do to the gateway. Each part is an entry of the table; a name behind the command runs that alone.
// Exits 1 when a part says that its target is missed. Method: README.md of the folder above.
import { parseArgs } from 'node:util'
import { measureCosts } from './costs.ts'
import { measureNeighbours } from './neighbours.ts'
import { searchForWorse } from './search.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' } },
})

interface Part {
  readonly name: string
  /** Whether its targets are met. */
  readonly run: () => Promise<boolean>
}

const PARTS: readonly Part[] = [
  { name: 'costs', run: measureCosts },
  { name: 'search', run: () => searchForWorse(Number(values.seconds)) },
  { name: 'neighbours', run: measureNeighbours },
]

const wanted = PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (wanted.length === 0) {
  console.log(`no such part; there are ${PARTS.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}
for (const { name, run } of wanted) {
  console.log(`\n== ${name}`)
  if (!(await run())) process.exitCode = 1
}
