// The server that `protect` and `init` are about: a URL, or a program with its arguments, as a person names it; and the names
// that follow from that. Asks no server, and starts none.
import { statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { isClaimed } from '../../core/authorization-paths.ts'
import type { Io } from '../shared/command.ts'
import { readCa } from '../shared/read-ca.ts'
import { quoted } from './yaml-text.ts'

export interface ServerAtUrl {
  readonly url: string
  /** Path of the certificate authorities to trust for it. */
  readonly ca: string | undefined
  /** What is in them. */
  readonly authorities: string | undefined
}

export interface ServerProgram {
  /** What to run, then its arguments. */
  readonly command: readonly string[]
  /** Names of variables of the person's environment that it gets too. */
  readonly variables: readonly string[]
  /** Absolute: where it runs. */
  readonly folder: string
}

export type NamedServer = ServerAtUrl | ServerProgram

/** The options of both commands. */
export const SERVER_OPTIONS = {
  ca: { type: 'string' },
  env: { type: 'string', multiple: true },
} as const

export const PROGRAM_HELP = `  -- COMMAND ARGS…     a server that is a program (stdio) is started with these words, and no shell reads them
  --env NAME           a variable of yours that the program gets beside PATH, HOME and LANG; as often as needed`

export interface SaidServer {
  readonly url: string | undefined
  /** What stood after `--`. */
  readonly command: readonly string[] | undefined
  readonly ca: string | undefined
  readonly env: readonly string[] | undefined
}

export const NO_HTTP_URL =
  'the MCP server is a URL, such as http://localhost:3001/mcp, or a program after --, such as -- npx -y some-server'

/** A sentence when it names no server. */
export function readServer({ url, command, ca, env = [] }: SaidServer, io: Io): NamedServer | string {
  if (command !== undefined) {
    if (url !== undefined) return 'a URL and a program are named; take one of them'
    if (command.length === 0) return 'name the program after --, such as -- npx -y some-server'
    if (ca !== undefined) return '--ca goes with a URL'
    const odd = env.find((name) => !/^[A-Za-z_]\w*$/.test(name))
    if (odd !== undefined)
      return '--env takes the name of a variable of yours, such as API_KEY, and not its value'
    return { command, variables: [...new Set(env)], folder: io.cwd }
  }
  if (!isHttpUrl(url ?? '')) return NO_HTTP_URL
  if (env.length > 0) return '--env goes with a program'
  const read = readCa(ca, io)
  return read.ok ? { url: url as string, ca: read.path, authorities: read.value } : read.message
}

export function isHttpUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text)
}

export function transportOf({ url }: ServerAtUrl): 'http' | 'sse' {
  return new URL(url).pathname.endsWith('/sse') ? 'sse' : 'http'
}

/** For a URL its own path, so that a client's setting changes only in its host; `/mcp` where that is taken or empty. */
export function pathOf(server: NamedServer): string {
  const path =
    'url' in server ? new URL(server.url).pathname.replace(/\/+$/, '') : `/${routeNameOf(server)}/mcp`
  const usable = path !== '' && !isClaimed(path) && !path.startsWith('/.well-known')
  return usable ? path : '/mcp'
}

const COMMON_STEPS = new Set(['mcp', 'sse', 'api', 'v1', 'v2', ''])
const NAME = /^[a-z][a-z0-9-]*$/

/** `http://host/notes/mcp` → `notes`; `npx -y @modelcontextprotocol/server-filesystem .` → `filesystem`. */
export function routeNameOf(server: NamedServer): string {
  const telling =
    'url' in server
      ? new URL(server.url).pathname
          .toLowerCase()
          .split('/')
          .findLast((word) => !COMMON_STEPS.has(word) && NAME.test(word))
      : server.command.map(nameInWord).find((name) => name !== undefined)
  return telling ?? 'server'
}

/** What starts other programs, and words for what it shall do. */
const RUNNERS = new Set(
  'npx npm pnpm yarn bun bunx deno node nodejs python python3 uv uvx pipx java docker podman env sudo exec dlx run x tool'.split(
    ' ',
  ),
)
/** Words in the names of packages and files that tell them from nothing. */
const COMMON_WORDS = new Set(
  'mcp server index main dist build src bin lib app cli stdio jar js ts py'.split(' '),
)
const MAX_NAME_CHARS = 40

/** Of a path to a program, so many of the last steps may tell. */
const TELLING_STEPS = 3

/** Undefined for an option, an assignment, a runner, and what only says that it is a server. */
function nameInWord(word: string): string | undefined {
  if (word.startsWith('-') || word.includes('=')) return undefined
  const steps = word.split(/[/\\]/).filter((step) => step !== '' && !/^\.+$/.test(step))
  const plain = steps.slice(-TELLING_STEPS).map(plainStep)
  return RUNNERS.has(plain.at(-1) ?? '') ? undefined : plain.map(nameInStep).findLast((name) => name !== '')
}

/** In lower case, without a version and the end of a file name. */
function plainStep(step: string): string {
  const version = step.indexOf('@', 1)
  const name = version < 0 ? step : step.slice(0, version)
  return name.toLowerCase().replace(/\.\w{1,4}$/, '')
}

/** Empty where nothing tells. */
function nameInStep(step: string): string {
  const words = step.split(/[^a-z0-9]+/).filter((each) => each !== '' && !COMMON_WORDS.has(each))
  const name = words.join('-').slice(0, MAX_NAME_CHARS)
  return NAME.test(name) ? name : ''
}

/** A folder among the words of a program that holds this file; it would be handed out with the rest. */
export function folderHolding(file: string, { command, folder }: ServerProgram): string | undefined {
  return command.slice(1).find((word) => {
    const named = resolve(folder, word)
    const way = relative(named, file)
    const holds = !way.startsWith('..') && !isAbsolute(way)
    return holds && statSync(named, { throwIfNoEntry: false })?.isDirectory() === true
  })
}

/** The lines of `upstream` in a file that stands in `folder`. */
export function programLines({ command, variables, folder: own }: ServerProgram, folder: string): string {
  const cwd = relative(folder, own) === '' ? '' : `      cwd: ${quoted(own)}\n`
  const env = variables.map((name) => `${name}: "\${${name}}"`).join(', ')
  return `    # A program, which the gateway starts for each session: docs/programs.md
    upstream:
      command: [${command.map(quoted).join(', ')}]
${cwd}${env === '' ? '' : `      env: { ${env} }\n`}`
}
