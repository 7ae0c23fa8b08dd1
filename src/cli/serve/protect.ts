// `portcullis protect URL` or `-- PROGRAM`: one MCP server behind a sign-in, with no file at all. Everything that is not
// said is the safe choice; whoever wants more keeps what runs as a file (`--write`), or begins one (`portcullis init`).
import { dirname, join, resolve } from 'node:path'
import { parseConfig } from '../../config/load.ts'
import type { Problem } from '../../config/problem.ts'
import type { RouteSettings, Settings } from '../../core/settings.ts'
import { CONFIG_CHECKS } from '../../gateway/checked-config.ts'
import { createOutputLog } from '../../observe/output-log.ts'
import { DEFAULT_DATA } from '../operate/operate.ts'
import { readArguments, splitAtProgram } from '../shared/arguments.ts'
import { EXIT, type Io, stopped, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG } from '../shared/configuration.ts'
import { shown } from '../shared/table.ts'
import { previewProgram, previewTools, type ToolPreview } from '../shared/tool-preview.ts'
import { tellConsoleLink } from './console-link.ts'
import { DEFAULT_ADMIN, DEFAULT_LISTEN, reachFromOptions } from './listen-address.ts'
import {
  folderHolding,
  isHttpUrl,
  NO_HTTP_URL,
  PROGRAM_HELP,
  readServer,
  SERVER_OPTIONS,
} from './named-server.ts'
import { type Protection, protectConfig } from './protect-config.ts'
import { originsOfPages, protectGreeting, writtenFarewell } from './protect-greeting.ts'
import { type FirstUser, firstUser } from './protect-user.ts'
import { startOrTell } from './start.ts'
import { watchCalls } from './watch-calls.ts'
import { type NewFile, refuseExisting, writeConfig } from './write-config.ts'

export const summary = 'an MCP server behind a sign-in, without a file'
export const help = `portcullis protect UPSTREAM-URL [OPTIONS]
portcullis protect [OPTIONS] -- COMMAND ARGS…

Puts a sign-in in front of an MCP server, without a file: an authorization server of its own, and every tool open to
people who signed in. The first user is asked for at the terminal. Prints what to paste into a client.

  --user NAME          the first user, when nobody can be asked or should be
  --password-stdin     their password is the one line of standard input
  --listen ADDRESS     where to serve (default: that of --public-url on this machine, else ${DEFAULT_LISTEN})
  --public-url URL     what clients type, when a proxy with https stands in front (default: http:// and the address)
  --trusted-proxies LIST
                       addresses and ranges of proxies in front, with commas between them: who calls is read from what
                       they say (default: 127.0.0.1, with an https URL and an address of this machine)
  --admin ADDRESS      where health and metrics are served (default: a free port of 127.0.0.1; in a
                       file ${DEFAULT_ADMIN})
  --ca FILE            PEM of the certificate authorities to trust for the MCP server
${PROGRAM_HELP}
  --data FILE          people, clients and grants (default: ${DEFAULT_DATA}); the audit stands beside it
  --quiet              no line for each call at the terminal
  --write FILE         writes what would run as a file for \`portcullis run\`, such as ${DEFAULT_CONFIG}, and serves nothing;
                       only you may read the file; \`-\` prints it
  --force              writes over a file that is there
`

const OPTIONS = {
  user: { type: 'string' },
  'password-stdin': { type: 'boolean', default: false },
  listen: { type: 'string' },
  'public-url': { type: 'string' },
  'trusted-proxies': { type: 'string', multiple: true },
  admin: { type: 'string' },
  ...SERVER_OPTIONS,
  data: { type: 'string', default: DEFAULT_DATA },
  quiet: { type: 'boolean', default: false },
  write: { type: 'string' },
  force: { type: 'boolean', default: false },
} as const

const LOOK_MS = 3_000
/** Pages show less. */
const MAX_TITLE_CHARS = 200
const FREE_PORT = '127.0.0.1:0'

interface Wanted extends Protection, FirstUser {
  readonly quiet: boolean
  /** Undefined: it serves. */
  readonly file: NewFile | undefined
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const wanted = readWanted(args, io)
  if (typeof wanted === 'string') return wrongUse(io, 'protect', wanted)
  const { file } = wanted
  const refused = file && refuseExisting(file, io)
  if (refused !== undefined) return refused
  const place = resolve(io.cwd, file === undefined || file.name === '-' ? DEFAULT_CONFIG : file.name)
  const text = protectConfig(wanted, dirname(place))
  const loaded = parseConfig(text, { file: place, env: io.env, checks: CONFIG_CHECKS })
  if (!loaded.ok) return wrongUse(io, 'protect', problemOf(loaded.problems, wanted))
  for (const warning of loaded.warnings) io.stderr.write(`portcullis protect: ${inOptions(warning)}\n`)
  warnOfData(wanted, io)
  return file === undefined
    ? await serve(loaded.settings, wanted, io)
    : await keep(text, loaded.settings, { ...wanted, file }, io)
}

/** Whoever may use a server for files would get the users and their grants with them. */
function warnOfData({ server, data }: Wanted, io: Io): void {
  const given = 'url' in server ? undefined : folderHolding(data, server)
  if (given !== undefined)
    io.stderr.write(
      `portcullis protect: the program is given ${given}, which holds the gateway's own data; name a folder below it, or another place with --data\n`,
    )
}

async function serve(settings: Settings, wanted: Wanted, io: Io): Promise<number> {
  const { server, quiet } = wanted
  const isProgram = !('url' in server)
  const look = () =>
    'url' in server
      ? previewTools(server.url, server.authorities, LOOK_MS)
      : previewProgram(settings.routes[0] as RouteSettings, io)
  // A server that is not there yet may come; a program that does not run is told before anybody is asked for anything.
  if (isProgram) io.stderr.write('portcullis protect: starts the program once, to look at its tools\n')
  const program = isProgram ? await look() : undefined
  if (program?.ok === false)
    return complain(
      io,
      `the program cannot be used: ${shown(program.problem)}; see whether it starts by itself`,
    )
  const problem = await firstUser(settings, wanted, io)
  if (problem !== undefined) return complain(io, problem)
  const preview = program ?? (await look())
  const log = createOutputLog({ level: 'warn', destination: io.stderr, terminal: io.stderrTerminal })
  const { settings: watched, options, close } = watchCalls(titled(settings, program), quiet, io)
  const gateway = await startOrTell(
    { settings: watched, log, ...options },
    'choose another with --listen or --admin',
  )
  if (typeof gateway === 'string') return complain(io, gateway)
  io.stdout.write(protectGreeting(wanted, { preview, admin: gateway.adminOrigin, cwd: io.cwd }))
  tellConsoleLink(gateway, quiet, io)
  await stopped(io.stop)
  await gateway.close()
  close()
  return EXIT.fine
}

/** A program is not started for pages, so what it called itself stands in the settings. */
function titled(settings: Settings, program: ToolPreview | undefined): Settings {
  const title = program?.ok ? program.value.title?.slice(0, MAX_TITLE_CHARS) : undefined
  if (title === undefined) return settings
  return { ...settings, routes: settings.routes.map((route) => ({ ...route, title })) }
}

/** Who cannot be asked, and is not named, is added later: nobody waits for this command. */
async function keep(
  text: string,
  settings: Settings,
  wanted: Wanted & { readonly file: NewFile },
  io: Io,
): Promise<number> {
  const isAsked = wanted.user !== undefined || io.terminal !== undefined
  const problem = isAsked ? await firstUser(settings, wanted, io) : undefined
  if (problem !== undefined) return complain(io, problem)
  const failed = writeConfig(text, wanted.file, io)
  if (failed !== undefined) return failed
  if (wanted.file.name !== '-') io.stdout.write(writtenFarewell(wanted.file.name, settings))
  return EXIT.fine
}

/** A sentence when it was used wrongly. */
function readWanted(args: readonly string[], io: Io): Wanted | string {
  const { own, command } = splitAtProgram(args)
  const [word = ''] = own
  if (command === undefined && word !== '' && !word.startsWith('-') && !isHttpUrl(word)) return NO_HTTP_URL
  const read = readArguments(own, OPTIONS, 1)
  if (!read.ok) return read.message
  const { user, quiet, write, force, ca, env, 'password-stdin': passwordFromStdin } = read.values
  const [url] = read.positionals
  if (url === undefined && command === undefined)
    return 'name the MCP server: portcullis protect http://localhost:3001/mcp, or a program after --'
  const server = readServer({ url, command, ca, env }, io)
  if (typeof server === 'string') return server
  if (passwordFromStdin && user === undefined) return '--password-stdin needs --user'
  if (force && write === undefined) return '--force goes with --write'
  const data = resolve(io.cwd, read.values.data)
  const reach = reachFromOptions(read.values)
  return {
    ...{ server, ...reach },
    admin: read.values.admin ?? (write === undefined ? FREE_PORT : DEFAULT_ADMIN),
    allowedOrigins: originsOfPages(reach.publicUrl),
    data,
    audit: join(dirname(data), 'audit.jsonl'),
    user,
    passwordFromStdin,
    quiet,
    file: write === undefined ? undefined : { command: 'protect', name: write, force, isPrivate: true },
  }
}

const OPTION_OF: Readonly<Record<string, string>> = {
  public_url: '--public-url',
  listen: '--listen',
  trusted_proxies: '--trusted-proxies',
  admin: '--admin',
  data: '--data',
  ca: '--ca',
  command: 'the program',
  cwd: 'the folder',
  env: '--env',
}

/** The configuration was made of options, so each problem names an option. */
function inOptions({ source, message }: Problem): string {
  return `${OPTION_OF[keyOf(source)] ?? 'the MCP server'}: ${message}`
}

function keyOf(source: string): string {
  return source.trim().split(':')[0] ?? ''
}

function problemOf(problems: readonly Problem[], { listen, publicUrl }: Wanted): string {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const first = errors.find(({ source }) => keyOf(source) === 'listen') ?? errors[0]
  if (first === undefined) throw new Error('a configuration without a problem was refused')
  if (keyOf(first.source) === 'public_url' && publicUrl === `http://${listen}`)
    return `--listen ${listen}: clients elsewhere need https; say what they type with --public-url https://…`
  return inOptions(first)
}

function complain(io: Io, problem: string): number {
  io.stderr.write(`portcullis protect: ${problem}\n`)
  return EXIT.finding
}
