// Runs the clients that can be run here, and writes what they did into the corpus. `node scripts/record-clients.mjs`
// records all; names of files after it, those.
import type { Reaction } from '../../clients/corpus/format.ts'
import { installPackages } from '../harness/packages.ts'
import { ANSWERS, reactionTo } from './reactions.ts'
import { RECORDABLE, type Recordable } from './recordable.ts'
import { runClient } from './run-client.ts'
import { flowOf, writeClient } from './write.ts'

installPackages()
const wanted = process.argv.slice(2)
for (const client of RECORDABLE) if (wanted.length === 0 || wanted.includes(client.file)) await record(client)

async function record({ build, steps, reacts, tokens, ...about }: Recordable): Promise<void> {
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
