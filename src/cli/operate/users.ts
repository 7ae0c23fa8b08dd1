// `portcullis users`: who may sign in with a password here, and who is shut out.

import type { Command } from '../shared/command.ts'
import { table, when } from '../shared/table.ts'
import { type Operated, operate, SHARED_HELP, type Task } from './operate.ts'

export const summary = 'people who sign in here: add, disable, a new password'
export const help = `portcullis users add NAME [--password-stdin]
portcullis users passwd NAME [--password-stdin]
portcullis users sign-out NAME
portcullis users disable NAME
portcullis users enable NAME
portcullis users list

People who sign in at the embedded authorization server. A new password ends the person's sign-ins in browsers, and so
does \`sign-out\`; \`disable\` also disconnects every client of theirs. All of it acts at once.

  --password-stdin     the password is the one line of standard input (default: asked for)
${SHARED_HELP}
`

const OPERATED: Operated = {
  command: 'users',
  options: { 'password-stdin': { type: 'boolean', default: false } },
  actions: {
    add: { subject: 'a name', needsPassword: true, creates: true, run: add },
    passwd: { subject: 'a name', needsPassword: true, run: passwd },
    'sign-out': { subject: 'a name', run: signOut },
    disable: { subject: 'a name', run: (task) => turn(task, 'disable') },
    enable: { subject: 'a name', run: (task) => turn(task, 'enable') },
    list: { run: list },
  },
}

export const run: Command = (args, io) => operate(OPERATED, args, io)

async function add(task: Task): Promise<number> {
  const { operator, subject: name = '', password } = task
  return tell(task, await operator.users.add(name, password), 'added')
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
  const rows = people.map(({ subject, provider, email, groups, disabled, signedInAt }) => [
    subject,
    provider ?? 'password',
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
