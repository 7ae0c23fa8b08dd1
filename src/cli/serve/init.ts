// `portcullis init`: a first gateway.yaml. Asks what it was not told, looks at the tools of the server, and writes a
// file that `check` accepts.
import { dirname, resolve } from 'node:path'
import { type LoadedConfig, parseConfig } from '../../config/load.ts'
import type { RouteSettings, Settings } from '../../core/settings.ts'
import { CONFIG_CHECKS } from '../../gateway/checked-config.ts'
import { missing } from '../../inspect/found.ts'
import { readArguments, splitAtProgram } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems } from '../shared/configuration.ts'
import { previewProgram, previewTools, type ToolPreview } from '../shared/tool-preview.ts'
import { initConfig } from './init-config.ts'
import {
  DEFAULT_ADMIN,
  DEFAULT_LISTEN,
  type Reach,
  reachFromOptions,
  type SaidReach,
} from './listen-address.ts'
import { isHttpUrl, type NamedServer, PROGRAM_HELP, readServer, SERVER_OPTIONS } from './named-server.ts'
import { refuseExisting, writeConfig } from './write-config.ts'

export const summary = 'a first gateway.yaml for an MCP server'
export const help = `portcullis init [UPSTREAM-URL] [OPTIONS]
portcullis init [OPTIONS] -- COMMAND ARGS…

Writes a first configuration for an MCP server. Looks at its tools, without calling any, and sorts them into rules by
what they say of themselves. What is not given is asked for at the terminal.

  -o, --output FILE    the file to write (default: ${DEFAULT_CONFIG}); \`-\` prints it
  --public-url URL     what clients type (default: http:// and the address)
  --listen ADDRESS     where to serve (default: that of --public-url on this machine, else ${DEFAULT_LISTEN})
  --trusted-proxies LIST
                       addresses and ranges of proxies in front, with commas between them (default: 127.0.0.1, with an
                       https URL and an address of this machine)
  --admin ADDRESS      where health and metrics are served (default: ${DEFAULT_ADMIN})
  --issuer URL         an authorization server elsewhere (default: the one that Portcullis brings)
  --ca FILE            PEM of the certificate authorities to trust for the MCP server; the file names it too
${PROGRAM_HELP}
  --force              writes over a file that is there
`

const OPTIONS = {
  output: { type: 'string', short: 'o', default: DEFAULT_CONFIG },
  'public-url': { type: 'string' },
  listen: { type: 'string' },
  'trusted-proxies': { type: 'string', multiple: true },
  admin: { type: 'string', default: DEFAULT_ADMIN },
  issuer: { type: 'string' },
  ...SERVER_OPTIONS,
  force: { type: 'boolean', default: false },
} as const

const LOOK_MS = 10_000

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { own, command } = splitAtProgram(args)
  const read = readArguments(own, OPTIONS, 1)
  if (!read.ok) return wrongUse(io, 'init', read.message)
  const { output, force, ca, env } = read.values
  const file = { command: 'init', name: output, force }
  const refused = refuseExisting(file, io)
  if (refused !== undefined) return refused
  const [named] = read.positionals
  const url = named ?? (command === undefined ? await askForServer(io) : undefined)
  if (url === '')
    return wrongUse(
      io,
      'init',
      'name the MCP server: portcullis init http://localhost:3001/mcp, or a program after --',
    )
  const server = readServer({ url, command, ca, env }, io)
  if (typeof server === 'string') return wrongUse(io, 'init', server)
  const reach = await askForReach(read.values, io)
  const issuer =
    read.values.issuer ?? (await ask(io, 'Issuer of your authorization server (empty: one of our own): '))
  if (io.stop.aborted) return brokenOff(io)
  const place = resolve(io.cwd, output === '-' ? DEFAULT_CONFIG : output)
  const begun = { server, ...reach, admin: read.values.admin, issuer: issuer === '' ? undefined : issuer }
  const write = (preview: ToolPreview) => {
    const text = initConfig({ ...begun, preview }, dirname(place))
    return { text, loaded: parseConfig(text, { file: place, env: io.env, checks: CONFIG_CHECKS }) }
  }
  const preview = await look(server, () => write(missing('')).loaded, io)
  if (io.stop.aborted) return brokenOff(io)
  const { text, loaded } = write(preview)
  printProblems(loaded.ok ? loaded.warnings : loaded.problems, io)
  if (!loaded.ok) return EXIT.wrongUse
  const failed = writeConfig(text, file, io)
  if (failed !== undefined) return failed
  if (output !== '-') io.stdout.write(farewell(output, preview, loaded.settings))
  return EXIT.fine
}

function brokenOff(io: Io): number {
  io.stderr.write('portcullis init: broken off; nothing is written\n')
  return EXIT.finding
}

/** `load`: the file without tools, which says how a program is started. */
async function look(server: NamedServer, load: () => LoadedConfig, io: Io): Promise<ToolPreview> {
  if ('url' in server) return await previewTools(server.url, server.authorities, LOOK_MS)
  const loaded = load()
  if (!loaded.ok) return missing('the file does not hold yet')
  io.stderr.write('portcullis init: starts the program once, to look at its tools\n')
  return await previewProgram(loaded.settings.routes[0] as RouteSettings, io)
}

async function askForReach(said: SaidReach, io: Io): Promise<Reach> {
  const usual = reachFromOptions({ ...said, 'public-url': undefined }).publicUrl
  const typed = said['public-url'] ?? (await ask(io, `What clients will type (${usual}): `))
  return reachFromOptions({ ...said, 'public-url': typed === '' ? undefined : typed })
}

/** An answer that is no URL is asked for once more. */
async function askForServer(io: Io): Promise<string> {
  const question = 'URL of the MCP server, such as http://localhost:3001/mcp: '
  const given = await ask(io, question)
  if (given === '' || isHttpUrl(given)) return given
  io.stderr.write(`${given} is no http or https URL\n`)
  return await ask(io, question)
}

/** Empty where nobody sits at the terminal. */
async function ask(io: Io, question: string): Promise<string> {
  return ((await io.terminal?.ask(question)) ?? '').trim()
}

function farewell(output: string, preview: ToolPreview, settings: Settings): string {
  const file = output === DEFAULT_CONFIG ? '' : ` -c ${output}`
  const seen = preview.ok ? `${preview.value.tools.length} tools` : `no tools, since ${preview.problem}`
  const { publicUrl, listen, admin, trustedProxies, authorizationServer } = settings
  const proxy = trustedProxies.length === 0 ? '' : `, where the proxy for ${publicUrl} passes requests on to`
  return `${output} is written, with ${seen}. Look at its rules, then:

  portcullis check${file}
${authorizationServer ? `  portcullis users add NAME${file}\n` : ''}  portcullis run${file}

It will listen on port ${listen.port} of ${listen.host}${proxy}; health and metrics are at port ${admin.listen.port} of ${admin.listen.host}.
`
}
