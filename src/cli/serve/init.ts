// `portcullis init`: a first gateway.yaml. Asks what it was not told, looks at the tools of the server, and writes a
// file that `check` accepts. Never writes over a file unless told to.
import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { reasonOf } from '../../config/expand.ts'
import { parseConfig } from '../../config/load.ts'
import { checkPolicies } from '../../policy/check.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems } from '../shared/configuration.ts'
import { readCa } from '../shared/read-ca.ts'
import { previewTools, type ToolPreview } from '../shared/tool-preview.ts'
import { initConfig } from './init-config.ts'

export const summary = 'a first gateway.yaml for an MCP server'
export const help = `portcullis init [UPSTREAM-URL] [-o FILE] [--public-url URL] [--issuer URL] [--ca FILE]
                [--force]

Writes a first configuration for an MCP server. Looks at its tools, without calling any, and sorts them into rules by
what they say of themselves. What is not given is asked for at the terminal.

  -o, --output FILE    the file to write (default: ${DEFAULT_CONFIG}); \`-\` prints it
  --public-url URL     what clients type (default: http://127.0.0.1:8080)
  --issuer URL         an authorization server elsewhere (default: the one that Portcullis brings)
  --ca FILE            PEM of the certificate authorities to trust for the MCP server; the file names it too
  --force              writes over a file that is there
`

const OPTIONS = {
  output: { type: 'string', short: 'o', default: DEFAULT_CONFIG },
  'public-url': { type: 'string' },
  issuer: { type: 'string' },
  ca: { type: 'string' },
  force: { type: 'boolean', default: false },
} as const

const LOOK_MS = 10_000
const DEFAULT_PUBLIC_URL = 'http://127.0.0.1:8080'

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 1)
  if (!read.ok) return wrongUse(io, 'init', read.message)
  const { output, force, issuer: givenIssuer, 'public-url': givenUrl } = read.values
  const ca = readCa(read.values.ca, io)
  if (!ca.ok) return wrongUse(io, 'init', ca.message)
  const file = resolve(io.cwd, output)
  if (output !== '-' && !force && existsSync(file)) {
    io.stderr.write(`portcullis init: ${output} is there already; --force writes over it, -o names another\n`)
    return EXIT.finding
  }
  const upstream = read.positionals[0] ?? (await askForServer(io))
  if (!isHttpUrl(upstream))
    return wrongUse(io, 'init', 'name the MCP server: portcullis init http://localhost:3001/mcp')
  const publicUrl = givenUrl ?? (await ask(io, `What clients will type (${DEFAULT_PUBLIC_URL}): `))
  const issuer =
    givenIssuer ?? (await ask(io, 'Issuer of your authorization server (empty: one of our own): '))
  const preview = await previewTools(upstream, ca.value, LOOK_MS)
  const text = initConfig({
    upstream,
    ca: ca.path,
    publicUrl: publicUrl === '' ? DEFAULT_PUBLIC_URL : publicUrl,
    issuer: issuer === '' ? undefined : issuer,
    preview,
  })
  const loaded = parseConfig(text, { file: output, env: {}, checks: [checkPolicies] })
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.wrongUse
  }
  if (output === '-') {
    io.stdout.write(text)
    return EXIT.fine
  }
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    io.stderr.write(`portcullis init: ${output} cannot be written: ${reasonOf(error)}\n`)
    return EXIT.finding
  }
  io.stdout.write(farewell(output, preview, issuer === ''))
  return EXIT.fine
}

function isHttpUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text)
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

function farewell(output: string, preview: ToolPreview, ownServer: boolean): string {
  const file = output === DEFAULT_CONFIG ? '' : ` -c ${output}`
  const seen = preview.ok ? `${preview.value.length} tools` : `no tools, since ${preview.problem}`
  return `${output} is written, with ${seen}. Look at its rules, then:

  portcullis check${file}
${ownServer ? `  portcullis users add NAME${file}\n` : ''}  portcullis run${file}
`
}
