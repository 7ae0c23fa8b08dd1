// What `users`, `clients`, `grants` and `keys` have in common: which data they work on, options, the action's word,
// tables and JSON. They act on the file that a gateway may be serving from at the same time.
import { accessSync, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Operations, type OperatorOptions, openOperator } from '../../as/operate/operator.ts'
import { didYouMean } from '../../config/suggest.ts'
import type { Settings } from '../../core/settings.ts'
import type { MaybeAsync } from '../../core/turn.ts'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { type Options, readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'
import { readPassword } from '../shared/password.ts'

/** What `protect` keeps its data in, and the default of `authorization_server.data`. */
export const DEFAULT_DATA = '.portcullis/as.sqlite'

export interface Task {
  readonly operator: Operations
  readonly io: Io
  /** The word after the action: a name or an id. */
  readonly subject: string | undefined
  /** Empty where the action needs none. */
  readonly password: string
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  /** What the configuration says; undefined where the data was named alone. */
  readonly settings: Pick<Settings, 'publicUrl' | 'authorizationServer'> | undefined
  /** Prints the value as JSON when asked to, and else the text. */
  show(value: unknown, text: string): number
  /** Says what did not work; the exit code for it. */
  fail(problem: string): number
}

export interface Action {
  /** What the word after the action is called when it is missing; undefined for actions without one. */
  readonly subject?: string
  readonly subjectIsOptional?: boolean
  /** Needs a new password, which is asked for before the data is opened: who breaks off leaves nothing behind. */
  readonly needsPassword?: (values: Task['values']) => boolean
  /** Makes the data when there is none yet. */
  readonly creates?: boolean
  readonly run: (task: Task) => MaybeAsync<number>
}

export interface Operated {
  readonly command: string
  readonly options: Options
  readonly actions: Readonly<Record<string, Action>>
}

const SHARED = {
  config: { type: 'string', short: 'c' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const SHARED_HELP = `  -c, --config FILE    the configuration whose data it is (default: ${DEFAULT_CONFIG}, if it is there)
  --data FILE          the data itself, such as that of \`protect\` (default: ${DEFAULT_DATA})
  --json               JSON instead of text`

export async function operate(
  { command, options, actions }: Operated,
  args: readonly string[],
  io: Io,
): Promise<number> {
  const known = { ...SHARED, ...options }
  const read = readArguments(withIds(args, Object.keys(known)), known, 2)
  if (!read.ok) return wrongUse(io, command, read.message)
  const [word = '', subject] = read.positionals
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined
  if (action === undefined) {
    const words = Object.keys(actions)
    return wrongUse(io, command, `say one of ${words.join(', ')}${didYouMean(word, words)}`)
  }
  if (subject === undefined && action.subject !== undefined && action.subjectIsOptional !== true)
    return wrongUse(io, command, `${word} needs ${action.subject}`)
  if (subject !== undefined && action.subject === undefined)
    return wrongUse(io, command, `${word} takes no further word`)
  const values = read.values as Task['values']
  const found = findData(values, io)
  if (typeof found === 'number') return found
  const hidden = action.creates === true ? undefined : whyHidden(found.data, io)
  if (hidden !== undefined) return complain(io, command, hidden)
  const given = action.needsPassword?.(values)
    ? await readPassword(values['password-stdin'] === true, subject ?? '', io)
    : { ok: true as const, password: '' }
  if (!given.ok) return complain(io, command, given.problem)
  const { password } = given
  return await withOperator(found, command, io, (operator) =>
    action.run({
      operator,
      io,
      subject,
      password,
      values,
      settings: found.settings,
      ...outputOf(values['json'] === true, command, io),
    }),
  )
}

function whyHidden(data: string, { operator }: Io): string | undefined {
  if (isPostgresUrl(data)) return undefined
  try {
    accessSync(data)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? `there is no data at ${data}; start the gateway once, or name it with --data`
      : `${operator} may not read ${data}; run this as the user that the gateway runs as`
  }
}

/** An id may begin with a dash: it is taken as the id that it is, not as an option. */
const ID = /^-[\w-]{20,}$/

function withIds(args: readonly string[], options: readonly string[]): readonly string[] {
  const isId = (arg: string) => ID.test(arg) && !options.includes(arg.slice(2))
  const ids = args.filter((arg, index) => isId(arg) && !isValued(args[index - 1]))
  const rest = args.flatMap((arg, index) => {
    const next = args[index + 1]
    if (isValued(arg) && next !== undefined && isId(next)) return [`${arg}=${next}`]
    return isId(arg) ? [] : [arg]
  })
  return ids.length === 0 ? rest : [...rest, '--', ...ids]
}

/** Options whose value is an id. */
function isValued(arg: string | undefined): boolean {
  return arg === '--client' || arg === '--user'
}

type Data = OperatorOptions['settings'] & Pick<Task, 'settings'>

/** An exit code when there is none. */
export function findData({ config, data }: Task['values'], io: Io): Data | number {
  if (typeof data === 'string' && isPostgresUrl(data))
    return complain(io, '', 'the data of a server is named by its configuration, with --config')
  if (typeof data === 'string')
    return { data: resolve(io.cwd, data), cookieSecret: undefined, settings: undefined }
  if (config === undefined && !existsSync(resolve(io.cwd, DEFAULT_CONFIG)))
    return { data: resolve(io.cwd, DEFAULT_DATA), cookieSecret: undefined, settings: undefined }
  const file = typeof config === 'string' ? config : DEFAULT_CONFIG
  const loaded = readConfiguration(file, io)
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const { authorizationServer } = loaded.settings
  if (authorizationServer === undefined)
    return complain(io, '', `${file} has no embedded authorization server, so there is nothing to operate`)
  return { ...authorizationServer, settings: loaded.settings }
}

async function withOperator(
  settings: Data,
  command: string,
  io: Io,
  work: (operator: Operations) => MaybeAsync<number>,
): Promise<number> {
  let operator: Operations
  try {
    const clock = { now: () => Date.now() }
    operator = await openOperator({ settings, clock, actor: `operator ${io.operator}` })
  } catch (error) {
    return complain(io, command, error instanceof Error ? error.message : String(error))
  }
  try {
    return await work(operator)
  } finally {
    await operator.close()
  }
}

function outputOf(json: boolean, command: string, io: Io): Pick<Task, 'show' | 'fail'> {
  return {
    show(value, text) {
      io.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`)
      return EXIT.fine
    },
    fail: (problem) => complain(io, command, problem),
  }
}

function complain(io: Io, command: string, problem: string): number {
  io.stderr.write(`portcullis${command === '' ? '' : ` ${command}`}: ${problem}\n`)
  return EXIT.finding
}
