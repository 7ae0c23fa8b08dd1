// `portcullis grants`: what people gave to clients, and an end to it.
import type { GrantFilter } from '../../as/store/grants.ts'
import type { Command } from '../shared/command.ts'
import { table, when } from '../shared/table.ts'
import { type Operated, operate, SHARED_HELP, type Task } from './operate.ts'

export const summary = 'what people gave to clients, and an end to it'
export const help = `portcullis grants list [--user NAME] [--client ID]
portcullis grants revoke (ID | --user NAME | --client ID)

What a person gave to a client, once for each time they agreed. \`revoke\` ends it with every token, at once; with both
options, what this person gave to this client.

  --user NAME          of one person
  --client ID          of one client
${SHARED_HELP}
`

const OPERATED: Operated = {
  command: 'grants',
  options: { user: { type: 'string' }, client: { type: 'string' } },
  actions: {
    list: { run: list },
    revoke: { subject: 'the id of a grant', subjectIsOptional: true, run: revoke },
  },
}

export const run: Command = (args, io) => operate(OPERATED, args, io)

function filterOf({ subject: id, values: { user, client } }: Task): GrantFilter {
  return {
    ...(id === undefined ? {} : { id }),
    ...(typeof user === 'string' ? { subject: user } : {}),
    ...(typeof client === 'string' ? { clientId: client } : {}),
  }
}

async function list(task: Task): Promise<number> {
  const found = await task.operator.grants.list(filterOf(task))
  const rows = found.map(({ id, subject, clientId, resources, createdAt }) => [
    id,
    subject,
    clientId,
    [...new Set(Object.values(resources).flatMap((scopes) => scopes.split(' ')))].join(' '),
    when(createdAt),
  ])
  return task.show(found, table(['ID', 'PERSON', 'CLIENT', 'SCOPES', 'SINCE'], rows, 'no grants'))
}

async function revoke(task: Task): Promise<number> {
  const filter = filterOf(task)
  if (Object.keys(filter).length === 0)
    return task.fail('say which: the id of a grant, --user or --client; see: portcullis grants list')
  const ended = await task.operator.grants.revoke(filter)
  if (ended.length === 0) return task.fail('there is no such grant; see: portcullis grants list')
  return task.show({ revoked: ended }, `revoked ${ended.length} ${ended.length === 1 ? 'grant' : 'grants'}`)
}
