// The first user of `protect`: nobody could use a server without one, so there is one before it listens. What a user is,
// and what a password has to be, is the authorization server's business.
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { openOperator } from '../../as/operate/operator.ts'
import { userNameProblem } from '../../as/operate/users.ts'
import type { Settings } from '../../core/settings.ts'
import type { Io } from '../shared/command.ts'
import { readPassword } from '../shared/password.ts'

export interface FirstUser {
  /** Path of the SQLite file. */
  readonly data: string
  /** Undefined: who is asked says it. */
  readonly user: string | undefined
  readonly passwordFromStdin: boolean
}

interface NewUser {
  readonly name: string
  readonly password: string
}

/**
 * Where there is no data yet, the questions come first: who breaks off leaves nothing behind. A sentence when there is
 * nobody in the end.
 */
export async function firstUser(settings: Settings, wanted: FirstUser, io: Io): Promise<string | undefined> {
  const server = settings.authorizationServer
  if (server === undefined) throw new Error('the configuration has no authorization server')
  try {
    const early = existsSync(server.data) ? undefined : await askForUser(wanted, io)
    if (typeof early === 'string') return early
    const operator = await openOperator({
      settings: server,
      clock: { now: () => Date.now() },
      actor: `operator ${io.operator}`,
    })
    try {
      const people = await operator.users.list()
      if (wanted.user === undefined && people.length > 0) return undefined
      if (people.some(({ subject }) => subject === wanted.user)) {
        if (wanted.passwordFromStdin) io.stderr.write(keepsPassword(wanted, io))
        return undefined
      }
      const user = early ?? (await askForUser(wanted, io))
      return typeof user === 'string' ? user : await operator.users.add(user.name, user.password)
    } finally {
      await operator.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** A sentence when there is nobody. */
async function askForUser(wanted: FirstUser, io: Io): Promise<NewUser | string> {
  const name = wanted.user ?? (await io.terminal?.ask('Nobody may sign in yet. Name of the first user: '))
  if (name === undefined || name === '')
    return 'nobody may sign in yet; say who with --user NAME --password-stdin'
  const problem = userNameProblem(name)
  if (problem !== undefined) return problem
  const given = await readPassword(wanted.passwordFromStdin, name, io)
  return given.ok ? { name, password: given.password } : given.problem
}

function keepsPassword({ user, data }: FirstUser, io: Io): string {
  const change = `portcullis users passwd ${user} --data ${relative(io.cwd, data)}`
  return `portcullis protect: ${user} is a user already and keeps the password; change it with: ${change}\n`
}
