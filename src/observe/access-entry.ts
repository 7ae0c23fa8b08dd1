// What a person at a terminal is told of one request: who, with which client, what, and how it went. Pure. It decides
// which requests are worth a line; how a line looks is for the terminal (cli/shared/access-line.ts).
import type { Call } from '../core/call.ts'
import { refusalWords, type ToldRefusal } from './refusal-words.ts'
import type { RequestRecord } from './request-record.ts'

/** `quiet`: of little interest, such as a list. */
export type AccessKind = 'call' | 'quiet' | 'refused' | 'event'

export interface AccessEntry {
  readonly kind: AccessKind
  /** When it ended, in epoch milliseconds. */
  readonly at: number
  /** A person, or the address of somebody unknown. A stranger may have chosen it, like the next two. */
  readonly who: string
  /** Empty where no client is known. */
  readonly client: string
  /** A tool, prompt, resource or method; empty where the outcome says all. */
  readonly what: string
  readonly outcome: string
  /** Undefined for what took no time worth telling. */
  readonly durationMs: number | undefined
}

/** Of a request, before its person and its client have names. */
export type AccessOutcome = Pick<AccessEntry, 'kind' | 'what' | 'outcome'>

const CALLS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read', 'skills/get'])
/** Handshakes, and what clients send by themselves again and again. */
const UNTOLD: ReadonlySet<string> = new Set([
  ...[
    'initialize',
    'ping',
    'server/discover',
    'logging/setLevel',
    'completion/complete',
    'subscriptions/listen',
  ],
  ...['tasks/get', 'tasks/result', 'tasks/list'],
])

/** Undefined where nobody needs to be told. What was refused is always told. */
export function accessOutcome(record: RequestRecord): AccessOutcome | undefined {
  const { refusal, calls, httpMethod } = record
  const told = loudest(calls)
  const what = told === undefined ? httpMethod : subjectOf(told) + othersIn(calls)
  if (refusal !== undefined) return { kind: 'refused', what, outcome: refusalWords(refusal) }
  const kind = told === undefined ? undefined : kindOf(told)
  return kind && { kind, what, outcome: outcomeWords(record) }
}

function kindOf({ kind, method }: Call): 'call' | 'quiet' | undefined {
  if (kind !== 'request' || UNTOLD.has(method)) return undefined
  return CALLS.has(method) ? 'call' : 'quiet'
}

/** The message of a batch that a person would ask about first. */
function loudest(calls: readonly Call[]): Call | undefined {
  return (
    calls.find((call) => kindOf(call) === 'call') ??
    calls.find((call) => kindOf(call) === 'quiet') ??
    calls[0]
  )
}

function othersIn({ length }: readonly Call[]): string {
  return length > 1 ? ` and ${length - 1} more` : ''
}

function subjectOf({ kind, method, targets }: Call): string {
  if (method === '') return kind
  return callWords(
    method,
    targets.map(({ name }) => name),
  )
}

/** The name of a tool stands alone: that is what most calls are. `leftOut`: names that are not among these. */
export function callWords(method: string, names: readonly string[], leftOut = 0): string {
  const [first = '', ...others] = names
  const more = others.length + leftOut
  const name = more === 0 ? first : `${first} and ${more} more`
  if (first === '') return method
  if (method === 'tools/call' || method === 'resources/read') return name
  return method === 'prompts/get' ? `prompt ${name}` : `${method} ${name}`
}

const RPC_WORDS: Readonly<Record<RequestRecord['rpc'], string>> = {
  result: 'allowed',
  none: 'allowed',
  tool_error: 'allowed, the tool failed',
  error: 'allowed, the server answered with an error',
}
const ENDING_WORDS: Readonly<Record<RequestRecord['ending'], string | undefined>> = {
  complete: undefined,
  client_closed: 'allowed, the client left before the answer',
  upstream_aborted: 'allowed, the answer of the server broke off',
  gateway_closed: 'allowed, the gateway stopped before the answer',
}

/** What is told of a request that was allowed, when it ends and when its line is read again. */
export interface ToldAnswer extends Pick<RequestRecord, 'rpc' | 'ending'> {
  /** What enforcing would have refused, in `observe`. */
  readonly would: ToldRefusal | undefined
}

/** How a request that was allowed went. */
export function outcomeWords({ rpc, ending, would }: ToldAnswer): string {
  const outcome = ENDING_WORDS[ending] ?? RPC_WORDS[rpc]
  return would === undefined ? outcome : `${outcome}; to enforce the policy: ${refusalWords(would)}`
}
