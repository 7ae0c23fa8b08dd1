// `portcullis clients`: which programs are known at the embedded authorization server.
import type { ClientSummary } from '../../as/operate/clients.ts'
import type { Command } from '../shared/command.ts'
import { shown, table, when } from '../shared/table.ts'
import { type Operated, operate, SHARED_HELP, type Task } from './operate.ts'

export const summary = 'programs that ask for tokens: list, add, remove, a new secret'
export const help = `portcullis clients list
portcullis clients show ID
portcullis clients add NAME [--redirect-uri URI]… [--public]
portcullis clients rotate-secret ID
portcullis clients remove ID

Programs that ask for tokens. \`add\` makes one by hand: with redirect addresses it is for people, without it is for a
program of its own (client credentials). A secret is printed once. \`rotate-secret\` and \`remove\` act at once: the old
secret and the access tokens that it got are refused; \`remove\` also ends every grant.

  --redirect-uri URI   where people are sent back to (repeatable)
  --public             without a secret, for programs on people's own machines
${SHARED_HELP}
`

const OPERATED: Operated = {
  command: 'clients',
  options: {
    'redirect-uri': { type: 'string', multiple: true },
    public: { type: 'boolean', default: false },
  },
  actions: {
    list: { run: list },
    show: { subject: 'the id of a client', run: show },
    add: { subject: 'a name', creates: true, run: add },
    'rotate-secret': { subject: 'the id of a client', run: rotate },
    remove: { subject: 'the id of a client', run: remove },
  },
}

export const run: Command = (args, io) => operate(OPERATED, args, io)

async function list({ operator, show }: Task): Promise<number> {
  const known = await operator.clients.list()
  const rows = known.map(({ id, name, origin, grants, usedAt }) => [
    id,
    name ?? '-',
    origin,
    String(grants),
    when(usedAt),
  ])
  return show(known, table(['ID', 'CALLS ITSELF', 'ORIGIN', 'GRANTS', 'LAST USED'], rows, 'no clients yet'))
}

async function show({ operator, subject: id = '', show, fail }: Task): Promise<number> {
  const client = await operator.clients.find(id)
  return client === undefined ? fail(UNKNOWN) : show(client, described(client))
}

function described(client: ClientSummary): string {
  const { id, name, origin, redirectUris, grantTypes, auth, grants, createdAt, usedAt } = client
  const lines = [
    ['id', id],
    ['calls itself', name ?? '-'],
    ['origin', origin],
    ['sends people to', redirectUris.join(' ') || '-'],
    ['grant types', grantTypes.join(' ') || '-'],
    ['proves itself by', auth],
    ['grants', String(grants)],
    ['made', when(createdAt)],
    ['last used', when(usedAt)],
  ]
  return lines.map(([title = '', text = '']) => `${title.padEnd(17)}${shown(text)}`).join('\n')
}

async function add({ operator, subject: name = '', values, show, fail }: Task): Promise<number> {
  const given = values['redirect-uri']
  const redirectUris = Array.isArray(given) ? (given as readonly string[]) : []
  const isPublic = values['public'] === true
  const odd = redirectUris.find((uri) => !URL.canParse(uri) || uri.includes('#'))
  if (odd !== undefined) return fail('a redirect address is a whole URL without a fragment')
  if (isPublic && redirectUris.length === 0) return fail('a client without a secret needs --redirect-uri')
  const { id, secret } = await operator.clients.add({ name, redirectUris, isPublic })
  const secretLine = secret === undefined ? '' : `\nclient_secret  ${secret}   (shown only now)`
  return show(secret === undefined ? { id } : { id, secret }, `client_id      ${id}${secretLine}`)
}

async function rotate({ operator, subject: id = '', show, fail }: Task): Promise<number> {
  const secret = await operator.clients.rotateSecret(id)
  if (secret === undefined) return fail(`${UNKNOWN}, or it has no secret`)
  return show(
    { id, secret },
    `client_secret  ${secret}   (shown only now; the old one is refused from now on)`,
  )
}

async function remove({ operator, subject: id = '', show, fail }: Task): Promise<number> {
  return (await operator.clients.remove(id))
    ? show({ id }, 'removed, with every grant and token of it')
    : fail(UNKNOWN)
}

const UNKNOWN = 'there is no such client; see: portcullis clients list'
