// `portcullis protect <upstream-url>`: one MCP server behind a sign-in, with no file at all. Everything that is not
// said is the safe choice; whoever wants more writes a file (`portcullis init`).
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { openOperator } from '../../as/operate/operator.ts'
import { parseConfig } from '../../config/load.ts'
import type { Problem } from '../../config/problem.ts'
import type { Settings } from '../../core/settings.ts'
import { createLog } from '../../observe/log.ts'
import { checkPolicies } from '../../policy/check.ts'
import { DEFAULT_DATA } from '../operate/operate.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, stopped, wrongUse } from '../shared/command.ts'
import { readPassword } from '../shared/password.ts'
import { readCa } from '../shared/read-ca.ts'
import { shown as plain } from '../shared/table.ts'
import { previewTools, type ToolPreview } from '../shared/tool-preview.ts'
import { pathOf, protectConfig } from './protect-config.ts'
import { startOrTell } from './start.ts'

export const summary = 'an MCP server behind a sign-in, without a file'
export const help = `portcullis protect UPSTREAM-URL [--user NAME] [--password-stdin] [--listen 127.0.0.1:8080]
                   [--public-url URL] [--ca FILE] [--data FILE]

Puts a sign-in in front of an MCP server, without a file: an authorization server of its own, and every tool open to
people who signed in. The first user is asked for at the terminal. Prints what to paste into a client.

  --user NAME          the first user, when nobody can be asked or should be
  --password-stdin     their password is the one line of standard input
  --listen ADDRESS     where to serve (default: 127.0.0.1:8080)
  --public-url URL     what clients type, when a proxy with https stands in front (default: http:// and the address)
  --ca FILE            PEM of the certificate authorities to trust for the MCP server
  --data FILE          people, clients and grants (default: ${DEFAULT_DATA}); the audit stands beside it
`

const OPTIONS = {
  user: { type: 'string' },
  'password-stdin': { type: 'boolean', default: false },
  listen: { type: 'string', default: '127.0.0.1:8080' },
  'public-url': { type: 'string' },
  ca: { type: 'string' },
  data: { type: 'string', default: DEFAULT_DATA },
} as const

const LOOK_MS = 3_000

interface Wanted {
  readonly upstream: string
  readonly ca: string | undefined
  /** What is in it. */
  readonly authorities: string | undefined
  readonly publicUrl: string
  readonly listen: string
  readonly data: string
  readonly audit: string
  readonly user: string | undefined
  readonly passwordFromStdin: boolean
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const wanted = readWanted(args, io)
  if (typeof wanted === 'string') return wrongUse(io, 'protect', wanted)
  const transport = new URL(wanted.upstream).pathname.endsWith('/sse') ? 'sse' : 'http'
  const text = protectConfig({ ...wanted, transport })
  const loaded = parseConfig(text, { file: 'protect', env: {}, checks: [checkPolicies] })
  if (!loaded.ok) return wrongUse(io, 'protect', problemOf(loaded.problems, wanted))
  const problem = await firstUser(loaded.settings, wanted, io)
  if (problem !== undefined) return complain(io, problem)
  const preview = await previewTools(wanted.upstream, wanted.authorities, LOOK_MS)
  const log = createLog('warn', io.stderr)
  const gateway = await startOrTell({ settings: loaded.settings, log }, 'choose another with --listen')
  if (typeof gateway === 'string') return complain(io, gateway)
  io.stdout.write(greeting(wanted, preview, io.cwd))
  await stopped(io.stop)
  await gateway.close()
  return EXIT.fine
}

/** A sentence when it was used wrongly. */
function readWanted(args: readonly string[], io: Io): Wanted | string {
  const read = readArguments(args, OPTIONS, 1)
  if (!read.ok) return read.message
  const [upstream] = read.positionals
  if (upstream === undefined) return 'name the MCP server: portcullis protect http://localhost:3001/mcp'
  if (!/^https?:/.test(upstream) || !URL.canParse(upstream))
    return 'the MCP server is a URL, such as http://localhost:3001/mcp'
  const { listen, user, 'public-url': publicUrl, 'password-stdin': passwordFromStdin } = read.values
  if (passwordFromStdin && user === undefined) return '--password-stdin needs --user'
  const ca = readCa(read.values.ca, io)
  if (!ca.ok) return ca.message
  const data = resolve(io.cwd, read.values.data)
  return {
    upstream,
    ca: ca.path,
    authorities: ca.value,
    publicUrl: publicUrl ?? `http://${listen}`,
    listen,
    data,
    audit: join(dirname(data), 'audit.jsonl'),
    user,
    passwordFromStdin,
  }
}

const OPTION_OF: Readonly<Record<string, string>> = {
  public_url: '--public-url',
  listen: '--listen',
  data: '--data',
  ca: '--ca',
}

/** The configuration was made of options, so each problem names an option. */
function problemOf(problems: readonly Problem[], { listen, publicUrl }: Wanted): string {
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ source, message }) => ({ key: source.trim().split(':')[0] ?? '', message }))
  const first = errors.find(({ key }) => key === 'listen') ?? errors[0]
  if (first?.key === 'public_url' && publicUrl === `http://${listen}`)
    return `--listen ${listen}: clients elsewhere need https; say what they type with --public-url https://…`
  return `${OPTION_OF[first?.key ?? ''] ?? 'the URL of the MCP server'}: ${first?.message}`
}

interface NewUser {
  readonly name: string
  readonly password: string
}

/**
 * Nobody could use a server without a user, so the first user exists before it listens. Where there is no data yet, the
 * questions come first: who breaks off leaves nothing behind. A sentence when that failed.
 */
async function firstUser(settings: Settings, wanted: Wanted, io: Io): Promise<string | undefined> {
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
async function askForUser(wanted: Wanted, io: Io): Promise<NewUser | string> {
  const name = wanted.user ?? (await io.terminal?.ask('Nobody may sign in yet. Name of the first user: '))
  if (name === undefined || name === '')
    return 'nobody may sign in yet; say who with --user NAME --password-stdin'
  const given = await readPassword(wanted.passwordFromStdin, name, io)
  return given.ok ? { name, password: given.password } : given.problem
}

function keepsPassword({ user, data }: Wanted, io: Io): string {
  const change = `portcullis users passwd ${user} --data ${relative(io.cwd, data)}`
  return `portcullis protect: ${user} is a user already and keeps the password; change it with: ${change}\n`
}

function greeting({ upstream, publicUrl, data, audit }: Wanted, preview: ToolPreview, cwd: string): string {
  const url = `${publicUrl.replace(/\/$/, '')}${pathOf(upstream)}`
  const seen = preview.ok ? `${preview.value.length} tools` : `careful: ${plain(preview.problem)}`
  const shown = (file: string) => relative(cwd, file) || file
  return `${upstream} (${seen}) is protected at

  ${url}

Paste into a client:

  claude mcp add --transport http protected ${url}
  codex mcp add protected --url ${url}
  npx @modelcontextprotocol/inspector --transport http --server-url ${url}
  { "mcpServers": { "protected": { "url": "${url}" } } }

The client opens a browser, and people sign in there. What they connected: ${publicUrl}/account
More people: portcullis users add NAME --data ${shown(data)}
Data ${shown(data)}, audit ${shown(audit)}. Ctrl-C ends it.

Now make sure that nobody reaches ${new URL(upstream).origin} but this gateway.
`
}

function complain(io: Io, problem: string): number {
  io.stderr.write(`portcullis protect: ${problem}\n`)
  return EXIT.finding
}
