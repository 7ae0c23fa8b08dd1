// `portcullis doctor` and its short form `probe`: play a client against any protected MCP server, ours or not, and say
// which requirement it violates first, and what cures it.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { brokenChecks, type Examined, examine } from '../../inspect/doctor/examine.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printable } from '../shared/printable.ts'
import { readCa } from '../shared/read-ca.ts'
import { readToken } from '../shared/stdin-token.ts'
import { reportPage, SEVERITIES } from './doctor-report.ts'

export const summary = 'play a client against any protected MCP server'
export const help = `portcullis doctor URL [--token -] [--ca FILE] [--register] [--report FILE.html] [--json]

Plays a client against any protected MCP server: the first answer, metadata, the authorization server, tokens that
nobody signed, web pages of strange origins. Prints each requirement with its id, then the cures, the gravest first:
anybody gets in, clients cannot get in, hardening.

  --token -      also open the server with a token from standard input; it is sent to URL and nowhere else
  --ca FILE      PEM of the certificate authorities to trust instead of the usual ones
  --register     also register a client at the authorization server, and remove it again
  --report FILE  write the results as one HTML page, too
  --json         print all results as JSON

Exit codes: 0 nothing is violated, 1 something is, or the server cannot be reached.
`

/** The options that `probe` has too. */
export const PROBE_OPTIONS = {
  token: { type: 'string' },
  ca: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const
const DOCTOR_OPTIONS = {
  ...PROBE_OPTIONS,
  register: { type: 'boolean', default: false },
  report: { type: 'string' },
} as const

interface Request {
  readonly command: 'doctor' | 'probe'
  readonly token: string | undefined
  readonly ca: string | undefined
  readonly json: boolean
  readonly register: boolean
  readonly report: string | undefined
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, DOCTOR_OPTIONS, 1)
  if (!read.ok) return wrongUse(io, 'doctor', read.message)
  const { token, ca, report, ...values } = read.values
  return await examineWith(read.positionals[0], { command: 'doctor', token, ca, report, ...values }, io)
}

/** What both commands do with their options. */
export async function examineWith(url: string | undefined, request: Request, io: Io): Promise<number> {
  const { command, json, register, report } = request
  if (url === undefined || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    return wrongUse(io, command, 'needs the URL of an MCP server, such as https://mcp.example.com/mcp')
  }
  const token = await readToken(request.token, io)
  if (!token.ok) return wrongUse(io, command, token.message)
  const ca = readCa(request.ca, io)
  if (!ca.ok) return wrongUse(io, command, ca.message)
  const quick = command === 'probe'
  const examined = await examine({ url, ca: ca.value, token: token.value, register, quick })
  if (!examined.ok) {
    io.stderr.write(`portcullis ${command}: ${printable(examined.problem)}\n`)
    return EXIT.finding
  }
  if (report !== undefined) {
    const code = await writeReport(resolve(io.cwd, report), url, examined.value)
    if (code !== undefined) return wrongUse(io, command, `cannot write ${report} (${code})`)
  }
  io.stdout.write(json ? tellJson(url, examined.value) : tellPeople(examined.value))
  return examined.value.some(({ state }) => state === 'violated') ? EXIT.finding : EXIT.fine
}

/** Why not, when it could not be written. */
async function writeReport(
  file: string,
  url: string,
  results: readonly Examined[],
): Promise<string | undefined> {
  try {
    await writeFile(file, reportPage(url, results, new Date().toISOString()))
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  }
}

function tellJson(url: string, results: readonly Examined[]): string {
  const first = brokenChecks(results).find(({ state }) => state === 'violated')
  const ok = first === undefined
  return `${JSON.stringify({ ok, url, first: first?.id ?? null, results }, null, 2)}\n`
}

const MARKS = { kept: 'ok  ', violated: 'FAIL', doubtful: 'hmm ', skipped: '-   ' } as const

function tellPeople(results: readonly Examined[]): string {
  const lines = results.map(({ state, id, rule, seen }) => {
    const told = seen === '' ? '' : ` (${printable(seen)})`
    return `${MARKS[state]} ${id.padEnd(7)} ${rule}${told}\n`
  })
  const broken = brokenChecks(results)
  const first = broken.find(({ state }) => state === 'violated')
  const head = first === undefined ? 'nothing is violated\n' : `first violated: ${first.id}: ${first.cure}\n`
  const cures = broken
    .filter((each) => each !== first)
    .map(({ id, state, severity, cure }) => {
      const how = state === 'violated' ? 'also' : 'better'
      return `${how} (${SEVERITIES[severity]}): ${id}: ${cure}\n`
    })
  return [...lines, '\n', head, ...cures].join('')
}
