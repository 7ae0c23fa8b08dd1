// `portcullis users`: who may sign in with an account here, who is shut out, and who gets in again by a link.

import type { UserLink } from '../../as/operate/user-links.ts'
import type { Command } from '../shared/command.ts'
import { table, when } from '../shared/table.ts'
import { type Operated, operate, SHARED_HELP, type Task } from './operate.ts'

export const summary = 'people who sign in here: add, disable, a new password'
export const help = `portcullis users add NAME [--password-stdin | --link]
portcullis users passwd NAME [--password-stdin]
portcullis users reset NAME
portcullis users sign-out NAME
portcullis users disable NAME
portcullis users enable NAME
portcullis users list

People who sign in at the embedded authorization server. A new password ends the person's sign-ins in browsers, and so
do \`sign-out\` and \`reset\`; \`disable\` also disconnects every client of theirs. All of it acts at once.
\`reset\` prints a link, good once and for an hour, for somebody who cannot get in any more: what they choose on its page, a
password or a passkey, takes the place of all that they had. Give it to them alone.

  --password-stdin     the password is the one line of standard input (default: asked for)
  --link               they choose one themselves, or a passkey: a link is printed, as by \`reset\`
${SHARED_HELP}
`

const OPERATED: Operated = {
  command: 'users',
  options: {
    'password-stdin': { type: 'boolean', default: false },
    link: { type: 'boolean', default: false },
  },
  actions: {
    add: {
      subject: 'a name',
      needsPassword: ({ link }) => link !== true,
      creates: true,
      run: add,
    },
    passwd: { subject: 'a name', needsPassword: () => true, run: passwd },
    reset: { subject: 'a name', run: reset },
    'sign-out': { subject: 'a name', run: signOut },
    disable: { subject: 'a name', run: (task) => turn(task, 'disable') },
    enable: { subject: 'a name', run: (task) => turn(task, 'enable') },
    list: { run: list },
  },
}

export const run: Command = (args, io) => operate(OPERATED, args, io)

async function add(task: Task): Promise<number> {
  const { operator, subject: name = '', password, values } = task
  if (values['link'] === true) return tellLink(task, await operator.users.invite(name))
  return tell(task, await operator.users.add(name, password), addedTo(task))
}

async function reset(task: Task): Promise<number> {
  const { operator, subject: name = '' } = task
  return tellLink(task, await operator.users.reset(name))
}

/** The path alone where no configuration says at which address the gateway is. */
function tellLink({ subject: name = '', show, fail, settings }: Task, link: UserLink): number {
  if (!link.ok) return fail(link.problem)
  const path = `/account/reset?token=${link.token}`
  const url = settings === undefined ? path : new URL(path, settings.publicUrl).href
  const where = settings === undefined ? ', at the address of the gateway' : ''
  const text = `For ${name} alone, once, until ${when(link.goneAt)}${where}:
${url}`
  return show({ user: name, url, until: new Date(link.goneAt).toISOString() }, text)
}

/** With a word where the password that was given is of no use. */
function addedTo({ subject: name = '', settings }: Task): string {
  const isUsed = settings?.authorizationServer?.signIn.passwords ?? true
  return isUsed
    ? 'added'
    : `added; sign_in.passwords is false, so give them a link: portcullis users reset ${name}`
}

async function passwd(task: Task): Promise<number> {
  const { operator, subject: name = '', password } = task
  return tell(task, await operator.users.setPassword(name, password), 'has a new password')
}

function tell({ subject: name = '', show, fail }: Task, problem: string | undefined, done: string): number {
  return problem === undefined ? show({ user: name }, `${name} ${done}`) : fail(problem)
}

async function signOut({ operator, subject: name = '', show, fail }: Task): Promise<number> {
  const problem = await operator.users.signOut(name)
  return problem === undefined ? show({ user: name }, `${name} is signed out everywhere`) : fail(problem)
}

async function turn(
  { operator, subject: name = '', show, fail }: Task,
  action: 'disable' | 'enable',
): Promise<number> {
  const problem = await operator.users[action](name)
  return problem === undefined ? show({ user: name }, `${name} ${action}d`) : fail(problem)
}

async function list({ operator, show }: Task): Promise<number> {
  const people = await operator.users.list()
  const passkeys = await operator.users.passkeys()
  const rows = people.map(({ subject, provider, hasPassword, email, groups, disabled, signedInAt }) => [
    subject,
    provider ?? waysIn(hasPassword, passkeys.get(subject) ?? 0),
    email ?? '-',
    groups.join(', ') || '-',
    disabled ? 'disabled' : 'may sign in',
    when(signedInAt),
  ])
  return show(
    people,
    table(['NAME', 'SIGNS IN WITH', 'EMAIL', 'GROUPS', 'STATE', 'LAST SIGN-IN'], rows, 'nobody yet'),
  )
}

/** What somebody with an account here signs in with. */
function waysIn(hasPassword: boolean, passkeys: number): string {
  const counted = passkeys === 1 ? 'a passkey' : `${passkeys} passkeys`
  const ways = [...(hasPassword ? ['password'] : []), ...(passkeys > 0 ? [counted] : [])]
  return ways.join(', ') || 'nothing yet'
}
