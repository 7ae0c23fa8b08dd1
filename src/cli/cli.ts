// The command line: which commands there are, help, version, and the exit code. Each command is a file in cli/,
// loaded only when it is asked for; nothing here touches the process.
import { readFileSync } from 'node:fs'
import { didYouMean } from '../config/suggest.ts'
import { splitAtProgram } from './shared/arguments.ts'
import { type CommandModule, EXIT, type Io } from './shared/command.ts'
import { visibleIo } from './shared/visible-output.ts'

type LoadCommand = () => Promise<CommandModule>

const COMMANDS: ReadonlyMap<string, LoadCommand> = new Map<string, LoadCommand>([
  ['run', () => import('./serve/run.ts')],
  ['protect', () => import('./serve/protect.ts')],
  ['init', () => import('./serve/init.ts')],
  ['demo', () => import('./demo/demo.ts')],
  ['check', () => import('./policy/check.ts')],
  ['explain', () => import('./policy/explain.ts')],
  ['matrix', () => import('./policy/matrix.ts')],
  ['diff', () => import('./policy/diff.ts')],
  ['inventory', () => import('./inspect/inventory.ts')],
  ['drift', () => import('./inspect/drift.ts')],
  ['approve', () => import('./inspect/approve.ts')],
  ['suggest', () => import('./inspect/suggest.ts')],
  ['doctor', () => import('./inspect/doctor.ts')],
  ['probe', () => import('./inspect/probe.ts')],
  ['token', () => import('./dev-issuer/token.ts')],
  ['users', () => import('./operate/users.ts')],
  ['clients', () => import('./operate/clients.ts')],
  ['grants', () => import('./operate/grants.ts')],
  ['keys', () => import('./operate/keys.ts')],
  ['approvals', () => import('./operate/approvals.ts')],
  ['data', () => import('./operate/data.ts')],
  ['backup', () => import('./operate/backup.ts')],
  ['restore', () => import('./operate/restore.ts')],
  ['audit', () => import('./operate/audit.ts')],
  ['healthcheck', () => import('./operate/healthcheck.ts')],
  ['hash-key', () => import('./operate/hash-key.ts')],
  ['import', () => import('./serve/import.ts')],
  ['schema', () => import('./serve/schema.ts')],
])

/** The width of the column of names in the overview. */
const WIDTH = Math.max(...[...COMMANDS.keys()].map((name) => name.length)) + 2

/** Runs one command line; the result is the exit code. */
export async function cli(args: readonly string[], outside: Io): Promise<number> {
  const io = visibleIo(outside)
  const [first, ...rest] = args
  if (first === '--version' || first === '-v') {
    io.stdout.write(`${version()}\n`)
    return EXIT.fine
  }
  if (first === 'help' || first === '--help' || first === '-h') return await help(rest[0], io)
  // Without a command word the options are those of `run`.
  const named = first !== undefined && !first.startsWith('-')
  const load = COMMANDS.get(named ? first : 'run')
  if (load === undefined) return unknown(first ?? '', io)
  const own = named ? rest : args
  const command = await load()
  if (!asksForHelp(own)) return await command.run(own, io)
  io.stdout.write(command.help)
  return EXIT.fine
}

function asksForHelp(args: readonly string[]): boolean {
  const { own } = splitAtProgram(args)
  return own.includes('--help') || own.includes('-h')
}

async function help(name: string | undefined, io: Io): Promise<number> {
  const load = COMMANDS.get(name ?? '')
  if (name !== undefined && load === undefined) return unknown(name, io)
  io.stdout.write(load === undefined ? await overview() : (await load()).help)
  return EXIT.fine
}

function unknown(name: string, io: Io): number {
  // SECURITY: a long word may be a token pasted by mistake; it is not repeated.
  const word = name.length > 40 ? '' : ` "${name}"`
  io.stderr.write(
    `portcullis: unknown command${word}${didYouMean(name, COMMANDS.keys())}\nsee: portcullis help\n`,
  )
  return EXIT.wrongUse
}

async function overview(): Promise<string> {
  const lines = await Promise.all(
    [...COMMANDS].map(async ([name, load]) => `  ${name.padEnd(WIDTH)}${(await load()).summary}`),
  )
  return `portcullis: an auth gateway in front of MCP servers

usage: portcullis <command> [options]

${lines.join('\n')}
  ${'help'.padEnd(WIDTH)}this text, or the options of a command: portcullis help check

exit codes: 0 fine, 1 a finding, 2 wrong use, 78 a broken file
`
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
