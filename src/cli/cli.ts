// The command line: which commands there are, help, version, and the exit code. Each command is a file in cli/,
// loaded only when it is asked for; nothing here touches the process.
import { readFileSync } from 'node:fs'
import { didYouMean } from '../config/suggest.ts'
import { INSPECT_COMMANDS } from './inspect/commands.ts'
import { type Command, EXIT, type Io } from './shared/command.ts'
import { visibleIo } from './shared/visible-output.ts'

interface Loaded {
  readonly command: Command
  readonly help: string
}

interface Entry {
  readonly summary: string
  readonly load: () => Promise<Loaded>
}

const COMMANDS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    'run',
    {
      summary: 'serve the routes of gateway.yaml (also plain `portcullis`)',
      load: async () => {
        const { run, runHelp } = await import('./serve/run.ts')
        return { command: run, help: runHelp }
      },
    },
  ],
  [
    'protect',
    {
      summary: 'an MCP server behind a sign-in, without a file',
      load: async () => {
        const { protect, protectHelp } = await import('./serve/protect.ts')
        return { command: protect, help: protectHelp }
      },
    },
  ],
  [
    'init',
    {
      summary: 'a first gateway.yaml for an MCP server',
      load: async () => {
        const { init, initHelp } = await import('./serve/init.ts')
        return { command: init, help: initHelp }
      },
    },
  ],
  [
    'demo',
    {
      summary: 'a real MCP server behind the gateway, and real clients walking through',
      load: async () => {
        const { demo, demoHelp } = await import('./demo/demo.ts')
        return { command: demo, help: demoHelp }
      },
    },
  ],
  [
    'check',
    {
      summary: 'every problem of the file at once',
      load: async () => {
        const { check, checkHelp } = await import('./policy/check.ts')
        return { command: check, help: checkHelp }
      },
    },
  ],
  [
    'explain',
    {
      summary: 'why a call would be allowed or refused, claim by claim and rule by rule',
      load: async () => {
        const { explain, explainHelp } = await import('./policy/explain.ts')
        return { command: explain, help: explainHelp }
      },
    },
  ],
  [
    'matrix',
    {
      summary: 'who may use what, with which scopes',
      load: async () => {
        const { matrix, matrixHelp } = await import('./policy/matrix.ts')
        return { command: matrix, help: matrixHelp }
      },
    },
  ],
  [
    'diff',
    {
      summary: 'what an edit of the file opens and closes',
      load: async () => {
        const { diff, diffHelp } = await import('./policy/diff.ts')
        return { command: diff, help: diffHelp }
      },
    },
  ],
  ...INSPECT_COMMANDS,
  [
    'token',
    {
      summary: 'a local development issuer, and tokens from it',
      load: async () => {
        const { token, tokenHelp } = await import('./dev-issuer/token.ts')
        return { command: token, help: tokenHelp }
      },
    },
  ],
  [
    'users',
    {
      summary: 'people who sign in here: add, disable, a new password',
      load: async () => {
        const { users, usersHelp } = await import('./operate/users.ts')
        return { command: users, help: usersHelp }
      },
    },
  ],
  [
    'clients',
    {
      summary: 'programs that ask for tokens: list, add, remove, a new secret',
      load: async () => {
        const { clients, clientsHelp } = await import('./operate/clients.ts')
        return { command: clients, help: clientsHelp }
      },
    },
  ],
  [
    'grants',
    {
      summary: 'what people gave to clients, and an end to it',
      load: async () => {
        const { grants, grantsHelp } = await import('./operate/grants.ts')
        return { command: grants, help: grantsHelp }
      },
    },
  ],
  [
    'keys',
    {
      summary: 'what tokens are signed with, and a new one',
      load: async () => {
        const { keys, keysHelp } = await import('./operate/keys.ts')
        return { command: keys, help: keysHelp }
      },
    },
  ],
  [
    'audit',
    {
      summary: 'figures of operation from the audit file',
      load: async () => {
        const { audit, auditHelp } = await import('./operate/audit.ts')
        return { command: audit, help: auditHelp }
      },
    },
  ],
  [
    'hash-key',
    {
      summary: 'the hash of a key for a machine, for `verifier: static_keys`',
      load: async () => {
        const { hashKey, hashKeyHelp } = await import('./operate/hash-key.ts')
        return { command: hashKey, help: hashKeyHelp }
      },
    },
  ],
  [
    'import',
    {
      summary: 'a gateway.yaml from the settings of another system',
      load: async () => {
        const { importFile, importHelp } = await import('./serve/import.ts')
        return { command: importFile, help: importHelp }
      },
    },
  ],
  [
    'schema',
    {
      summary: 'the JSON Schema of gateway.yaml',
      load: async () => {
        const { schema, schemaHelp } = await import('./serve/schema.ts')
        return { command: schema, help: schemaHelp }
      },
    },
  ],
])

/** Of the column of names in the overview. */
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
  const entry = COMMANDS.get(named ? first : 'run')
  if (entry === undefined) return unknown(first ?? '', io)
  const own = named ? rest : args
  const { command, help: text } = await entry.load()
  if (!asksForHelp(own)) return await command(own, io)
  io.stdout.write(text)
  return EXIT.fine
}

function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

async function help(name: string | undefined, io: Io): Promise<number> {
  const entry = COMMANDS.get(name ?? '')
  if (name !== undefined && entry === undefined) return unknown(name, io)
  io.stdout.write(entry === undefined ? overview() : (await entry.load()).help)
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

function overview(): string {
  const lines = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(WIDTH)}${summary}`)
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
