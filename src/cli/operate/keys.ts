// `portcullis keys`: what the embedded authorization server signs with.
import type { Command } from '../shared/command.ts'
import { table, when } from '../shared/table.ts'
import { type Operated, operate, SHARED_HELP, type Task } from './operate.ts'

export const summary = 'what tokens are signed with, and a new one'
export const help = `portcullis keys list
portcullis keys rotate

The keys that tokens are signed with. \`rotate\` makes a new one that signs from the next token on; the one before it
stays published for a day, until the last token that it signed has expired, so nobody has to sign in again.

${SHARED_HELP}
`

const OPERATED: Operated = {
  command: 'keys',
  options: {},
  actions: { list: { run: list }, rotate: { run: rotate } },
}

export const run: Command = (args, io) => operate(OPERATED, args, io)

async function list({ operator, show }: Task): Promise<number> {
  const published = await operator.keys.list()
  const rows = published.map(({ kid, signs, createdAt, publishedUntil }) => [
    kid,
    signs ? 'signs' : 'published',
    when(createdAt),
    when(publishedUntil),
  ])
  return show(published, table(['KEY', 'USE', 'MADE', 'PUBLISHED UNTIL'], rows, 'no keys'))
}

async function rotate({ operator, show }: Task): Promise<number> {
  const kid = await operator.keys.rotate()
  return show({ kid }, `${kid} signs from now on`)
}
