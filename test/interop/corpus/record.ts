// Runs the clients that can be run here, and writes what they did into the corpus. `node scripts/record-clients.mjs`
// records all; names of files after it, those.
import { join } from 'node:path'
import type { Reaction } from '../../clients/corpus/format.ts'
import { installPackages, programOf } from '../harness/packages.ts'
import { TYPESCRIPT_1, TYPESCRIPT_2 } from '../world/clients/typescript.ts'
import type { Built } from '../world/contract.ts'
import { ANSWERS, reactionTo } from './reactions.ts'
import type { TokenLife } from './recorder.ts'
import { runClient } from './run-client.ts'
import { flowOf, writeClient } from './write.ts'

interface Recordable {
  /** Name of its file in the corpus. */
  readonly file: string
  readonly client: string
  /** The package and its exact version. */
  readonly version: string
  readonly build: () => Promise<Built>
  readonly steps: readonly string[]
  /** `told` for a client that looks at the time itself; one that refreshes long before the end would always refresh. */
  readonly tokens?: TokenLife
  /** Whether it can be asked what it makes of other answers. */
  readonly reacts: boolean
}

const STEPS = ['connect', 'list', 'call', 'step-up', 'refresh']
const HERE = import.meta.dirname
const node =
  (program: string, ...args: string[]) =>
  async (): Promise<Built> => [process.execPath, join(HERE, 'clients', program), ...args]

const CLIENTS: readonly Recordable[] = [
  {
    ...{ file: 'typescript-sdk-1', client: 'TypeScript SDK 1.x', version: TYPESCRIPT_1.sdk },
    ...{ build: TYPESCRIPT_1.build, steps: STEPS, reacts: true },
  },
  {
    ...{ file: 'typescript-sdk-2', client: 'TypeScript SDK 2.x', version: TYPESCRIPT_2.sdk },
    ...{ build: TYPESCRIPT_2.build, steps: STEPS, reacts: true },
  },
  {
    ...{ file: 'mcp-remote', client: 'mcp-remote', version: 'mcp-remote 0.15.1' },
    ...{ build: node('mcp-remote.ts', programOf('mcp-remote', 'mcp-remote')), steps: STEPS, reacts: true },
  },
  {
    ...{ file: 'mcp-remote-before', client: 'mcp-remote before 0.15', version: 'mcp-remote 0.1.38' },
    ...{ build: node('mcp-remote.ts', programOf('mcp-remote-before', 'mcp-remote')), steps: STEPS },
    reacts: true,
  },
  {
    ...{ file: 'inspector', client: 'MCP Inspector', version: '@modelcontextprotocol/inspector 2.12.0' },
    ...{ build: node('inspector.ts'), steps: ['connect', 'list', 'call', 'refresh'], reacts: false },
  },
]

installPackages()
const wanted = process.argv.slice(2)
for (const client of CLIENTS) if (wanted.length === 0 || wanted.includes(client.file)) await record(client)

async function record({ build, steps, reacts, tokens = 'silent', ...about }: Recordable): Promise<void> {
  const program = await build()
  if (typeof program === 'string') return console.log(`${about.file}: not recorded: ${program}`)
  const recorded = await runClient({ program, steps, tokens })
  for (const { step, ok, why } of recorded.steps) console.log(`${about.file} ${step}: ${ok ? 'ok' : why}`)
  const reactions: Reaction[] = []
  for (const answer of reacts ? ANSWERS : []) {
    const reaction = await reactionTo(program, answer)
    if (reaction !== undefined) reactions.push(reaction)
  }
  writeClient({
    ...about,
    source: `run by \`node scripts/record-clients.mjs ${about.file}\``,
    flows: [flowOf('from 401 to refresh', recorded)],
    reactions,
  })
}
