// `portcullis doctor` and its short form `probe`: play a client against any protected MCP server, ours or not, and say
// which requirement it violates first, and what cures it.
import { type Examined, examine } from '../inspect/doctor/examine.ts'
import { readArguments } from './arguments.ts'
import { EXIT, type Io, wrongUse } from './command.ts'
import { printable } from './printable.ts'
import { readToken } from './stdin-token.ts'

export const doctorHelp = `portcullis doctor URL [--token -] [--json]

Plays a client against any protected MCP server: the first answer, metadata, the authorization server, tokens that
nobody signed, web pages of strange origins. Prints each requirement with its id, the first violated one with its cure.

  --token -  also open the server with a token from standard input; it is sent to URL and nowhere else
  --json     print all results as JSON

Exit codes: 0 nothing is violated, 1 something is, or the server cannot be reached.
`

export const probeHelp = `portcullis probe URL [--token -] [--json]

The short form of \`portcullis doctor\`: anonymous 401, challenge, metadata, issuer, garbage token, good token.

  --token -  also open the server with a token from standard input; it is sent to URL and nowhere else
  --json     print all results as JSON

Exit codes: 0 nothing is violated, 1 something is, or the server cannot be reached.
`

const OPTIONS = {
  token: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export function doctor(args: readonly string[], io: Io): Promise<number> {
  return examineWith('doctor', args, io)
}

export function probe(args: readonly string[], io: Io): Promise<number> {
  return examineWith('probe', args, io)
}

async function examineWith(command: 'doctor' | 'probe', args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 1)
  if (!read.ok) return wrongUse(io, command, read.message)
  const [url] = read.positionals
  if (url === undefined || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    return wrongUse(io, command, 'needs the URL of an MCP server, such as https://mcp.example.com/mcp')
  }
  const token = await readToken(read.values.token, io)
  if (!token.ok) return wrongUse(io, command, token.message)
  const examined = await examine({ url, token: token.value, quick: command === 'probe' })
  if (!examined.ok) {
    io.stderr.write(`portcullis ${command}: ${printable(examined.problem)}\n`)
    return EXIT.finding
  }
  const violated = examined.value.filter(({ state }) => state === 'violated')
  io.stdout.write(read.values.json ? tellJson(url, examined.value) : tellPeople(examined.value))
  return violated.length === 0 ? EXIT.fine : EXIT.finding
}

function tellJson(url: string, results: readonly Examined[]): string {
  const first = results.find(({ state }) => state === 'violated')
  const ok = first === undefined
  return `${JSON.stringify({ ok, url, first: first?.id ?? null, results }, null, 2)}\n`
}

const MARKS = { kept: 'ok  ', violated: 'FAIL', doubtful: 'hmm ', skipped: '-   ' } as const

function tellPeople(results: readonly Examined[]): string {
  const lines = results.map(({ state, id, rule, seen }) => {
    const told = seen === '' ? '' : ` (${printable(seen)})`
    return `${MARKS[state]} ${id.padEnd(7)} ${rule}${told}\n`
  })
  const toMend = results.filter(({ state }) => state === 'violated' || state === 'doubtful')
  const first = results.find(({ state }) => state === 'violated')
  const head = first === undefined ? 'nothing is violated\n' : `first violated: ${first.id}: ${first.cure}\n`
  const cures = toMend
    .filter((each) => each !== first)
    .map(({ id, state, cure }) => `${state === 'violated' ? 'also' : 'better'}: ${id}: ${cure}\n`)
  return [...lines, '\n', head, ...cures].join('')
}
