// `portcullis approvals`: calls that wait for somebody to approve them, and the decision. It asks the administration port of
// the gateway that runs, since only that knows what waits.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { hasMembers, parseJson } from '../../lib/json.ts'
import { readArguments } from '../shared/arguments.ts'
import { type AdminAnswer, callAdmin } from '../shared/ask-admin.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'
import { printableLines } from '../shared/printable.ts'
import { table } from '../shared/table.ts'

export const summary = 'calls that wait for approval, and the decision'
export const help = `portcullis approvals list
portcullis approvals show ID
portcullis approvals approve ID [--digest DIGEST]
portcullis approvals deny ID [--digest DIGEST]

Calls that a rule with \`effect: approve\` holds back. \`show\` prints what was sent, whole, to whoever may decide on it.
\`approve\` and \`deny\` show it too, and ask; where nobody sits at a terminal they need the digest that \`show\` printed, so
that what is decided on is what was seen. The caller then makes the call again, once.

  -c, --config FILE      the file that the gateway runs from (default: ./${DEFAULT_CONFIG})
  --token-file FILE      a token of \`admin.tokens\` with the right \`approve\`; or PORTCULLIS_ADMIN_TOKEN in the environment
  --digest DIGEST        what \`show\` printed
  --json                 JSON instead of text

Exit codes: 0 done, 1 not done, and why.
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  'token-file': { type: 'string' },
  digest: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const TOKEN_VARIABLE = 'PORTCULLIS_ADMIN_TOKEN'
const ACTIONS = ['list', 'show', 'approve', 'deny']

interface Asking {
  readonly io: Io
  readonly json: boolean
  readonly digest: string | undefined
  readonly ask: (path: string, body?: object) => Promise<AdminAnswer | string>
}

type Shown = Readonly<Record<string, unknown>>

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 2)
  if (!read.ok) return wrongUse(io, 'approvals', read.message)
  const { config, 'token-file': file, digest, json } = read.values
  const [action = '', id] = read.positionals
  if (!ACTIONS.includes(action)) return wrongUse(io, 'approvals', `say one of ${ACTIONS.join(', ')}`)
  if ((action === 'list') !== (id === undefined))
    return wrongUse(
      io,
      'approvals',
      action === 'list' ? 'list takes no further word' : `${action} needs an id`,
    )
  const loaded = readConfiguration(config, io, [])
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const token = await tokenFrom(file, io)
  if (!token.ok) return fail(io, token.problem)
  const ask = (path: string, body?: object) =>
    callAdmin(loaded.settings.admin, { path, body, token: token.value })
  const asking = { io, json, digest, ask }
  if (id === undefined) return list(asking)
  return action === 'show' ? show(id, asking) : decide(action, id, asking)
}

/** SECURITY: never from the command line, which others can read. */
async function tokenFrom(
  file: string | undefined,
  io: Io,
): Promise<{ ok: true; value: string | undefined } | { ok: false; problem: string }> {
  if (file === undefined) return { ok: true, value: io.env[TOKEN_VARIABLE] }
  try {
    return { ok: true, value: (await readFile(resolve(io.cwd, file), 'utf8')).trim() }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { ok: false, problem: `cannot read ${file} (${code})` }
  }
}

async function list({ io, json, ask }: Asking): Promise<number> {
  const answer = await ask('/approvals')
  const body = bodyOf(answer)
  if (body === undefined) return fail(io, problemOf(answer))
  const all = Array.isArray(body['approvals']) ? (body['approvals'] as Shown[]) : []
  const rows = all.map((one) =>
    ['id', 'state', 'tool', 'route', 'subject', 'client', 'until'].map((key) => String(one[key] ?? '-')),
  )
  const header = ['ID', 'STATE', 'TOOL', 'ROUTE', 'CALLER', 'CLIENT', 'UNTIL']
  return print(io, json, all, table(header, rows, 'nothing waits for approval'))
}

async function show(id: string, { io, json, ask }: Asking): Promise<number> {
  const answer = await ask(pathOf(id))
  const body = bodyOf(answer)
  return body === undefined ? fail(io, problemOf(answer)) : print(io, json, body, accountOf(body))
}

async function decide(decision: string, id: string, asking: Asking): Promise<number> {
  const { io, json, ask } = asking
  const digest = asking.digest ?? (await shownDigest(decision, id, asking))
  if (digest === undefined) return EXIT.finding
  const answer = await ask(pathOf(id), { decision, digest })
  const body = bodyOf(answer)
  if (body === undefined) return fail(io, problemOf(answer))
  const done =
    decision === 'approve' ? 'approved; the caller may make the call until' : 'denied; it stays denied until'
  return print(io, json, body, `${done} ${String(body['until'])}`)
}

/** Shows it, and asks the person at the terminal; undefined where they say no, or nobody is there. */
async function shownDigest(decision: string, id: string, { io, ask }: Asking): Promise<string | undefined> {
  if (io.terminal === undefined) {
    fail(
      io,
      `nobody sits at a terminal: name what you saw with --digest; see: portcullis approvals show ${id}`,
    )
    return undefined
  }
  const answer = await ask(pathOf(id))
  const body = bodyOf(answer)
  if (body === undefined || typeof body['digest'] !== 'string') {
    fail(
      io,
      body === undefined ? problemOf(answer) : String(body['words'] ?? 'it cannot be decided on any more'),
    )
    return undefined
  }
  io.stdout.write(`${accountOf(body)}\n`)
  const said = await io.terminal.ask(`${decision} this call? Type ${decision}: `)
  if (said === decision) return body['digest']
  fail(io, 'nothing was decided')
  return undefined
}

function accountOf(one: Shown): string {
  const text = (key: string) => String(one[key] ?? '-')
  const rules = Array.isArray(one['rules']) ? one['rules'].join(', ') : '-'
  return printableLines([
    `approval   ${text('id')} (${text('state')})`,
    `tool       ${text('tool')} on route ${text('route')}, by rule ${rules}`,
    `caller     ${text('subject')} of ${text('issuer')}, with client ${text('client')}`,
    `asked      ${text('asked_at')}, until ${text('until')}`,
    ...(one['decided_by'] === undefined ? [] : [`decided    ${text('decided_by')}, ${text('decided_at')}`]),
    ...(one['words'] === undefined ? [] : [`not yours  ${text('words')}`]),
    ...(one['digest'] === undefined ? [] : [`digest     ${text('digest')}`, `sent       ${text('params')}`]),
  ])
}

function pathOf(id: string): string {
  return `/approvals/${encodeURIComponent(id)}`
}

function bodyOf(answer: AdminAnswer | string): Shown | undefined {
  if (typeof answer === 'string' || answer.status !== 200) return undefined
  const body = parseJson(answer.text)
  return hasMembers(body) ? body : undefined
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  401: `the gateway knows no such token; name one with --token-file, or in ${TOKEN_VARIABLE}`,
  403: 'this token has no right to approve',
  404: 'there is no such approval: it is over, was used, or the policy has changed',
  503: 'what gateways share does not answer; try again',
}

function problemOf(answer: AdminAnswer | string): string {
  if (typeof answer === 'string') return answer
  const body = parseJson(answer.text)
  const said = hasMembers(body) ? body : {}
  if (said['error'] === 'already_decided')
    return `it was decided before: ${String(said['state'])} by ${String(said['decided_by'])}`
  const words = typeof said['words'] === 'string' ? said['words'] : STATUS_WORDS[answer.status]
  return words ?? `the administration port answered ${answer.status}`
}

function print(io: Io, json: boolean, value: unknown, text: string): number {
  io.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`)
  return EXIT.fine
}

function fail(io: Io, problem: string): number {
  io.stderr.write(`${printableLines([`portcullis approvals: ${problem}`])}\n`)
  return EXIT.finding
}
