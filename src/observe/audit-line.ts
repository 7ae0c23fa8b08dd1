// One exchange as its audit line: one JSON object, written member by member, since a stringifier costs more than all
// that is in it. Of a caller it says issuer, subject, client and what was granted; never a token, another claim or an
// argument. Writes no file.
import type { Call } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Refusal } from '../core/refusal.ts'
import type { PolicyInForce, RuleAnswer } from '../core/route.ts'
import { visibleJson } from '../core/visible.ts'
import type { RequestRecord } from './request-record.ts'

export const MAX_NAME_CHARACTERS = 200

export interface AuditOutcome {
  readonly status: number
  readonly rpc: string | undefined
  readonly ending: string
  /** Milliseconds. */
  readonly duration: number
}

/** `outcome` is undefined for a call that is admitted and has not been made. `time` is ISO 8601. */
export type AuditLine = (
  event: string,
  time: string,
  record: RequestRecord,
  outcome: AuditOutcome | undefined,
) => string

export function createAuditLine(): AuditLine {
  const made = new WeakMap<
    Principal,
    { readonly policy: PolicyInForce | undefined; readonly members: string }
  >()
  const who = (principal: Principal, policy: PolicyInForce | undefined): string => {
    const known = made.get(principal)
    if (known !== undefined && known.policy === policy) return known.members
    const members = callerMembers(principal, policy)
    made.set(principal, { policy, members })
    return members
  }
  return (event, time, record, outcome) => {
    const { id, clientRequestId, generation, policy, route, address, httpMethod } = record
    const { principal, calls, rule } = record
    const only = calls.length === 1 ? calls[0] : undefined
    return [
      `{"time":"${time}","stream":"audit","event":"${event}","request_id":"${id}"`,
      text('client_request_id', clientRequestId?.slice(0, MAX_NAME_CHARACTERS)),
      `,"generation":${generation}${text('policy', policy?.digest)}`,
      text('route', route) + text('address', address),
      text('http_method', httpMethod),
      only === undefined ? '' : text('method', methodOf(only)) + targetMember(only),
      principal === undefined ? '' : who(principal, policy),
      `,"decision":"${record.refusal === undefined ? 'allowed' : 'refused'}"`,
      rule === '' ? '' : text('rule', rule),
      outcome === undefined ? '' : outcomeMembers(outcome),
      isPlain(record) ? '' : rareMembers(record),
      '}',
    ].join('')
  }
}

/** How many scopes, roles, audiences or answers of rules stand in a line. */
const MAX_LISTED = 100

/** Who called, with what was granted: all that a policy may ask about a caller, but claims. */
function callerMembers(
  { issuer, subject, clientId, scopes, roles }: Principal,
  policy: PolicyInForce | undefined,
): string {
  const named = policy?.rolesNamed
  const told = roles === undefined || named === undefined || named.size === 0 ? undefined : roles
  return [
    text('issuer', issuer) + text('subject', subject) + text('client', clientId),
    list('scopes', [...scopes].sort()),
    told === undefined ? '' : list('roles', told.filter((role) => named?.has(role)).sort()),
  ].join('')
}

/** Says under `…_left_out` how many more there were. */
function list(name: string, values: readonly string[]): string {
  const more = values.length - MAX_LISTED
  const shown = values.slice(0, MAX_LISTED).map((value) => value.slice(0, MAX_NAME_CHARACTERS))
  return json(name, shown) + (more > 0 ? `,"${name}_left_out":${more}` : '')
}

/** Printable ASCII without what JSON escapes. */
const AS_IT_IS = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** K05, K30: nothing that a client sends can end its string or its line, or act on a terminal. Empty for a member that is not there. */
function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return AS_IT_IS.test(value) ? `,"${name}":"${value}"` : `,"${name}":${visibleJson(JSON.stringify(value))}`
}

function json(name: string, value: unknown): string {
  return value === undefined ? '' : `,"${name}":${visibleJson(JSON.stringify(value))}`
}

function outcomeMembers({ status, rpc, ending, duration }: AuditOutcome): string {
  return `,"status":${status}${text('rpc', rpc)}${text('ending', ending)},"duration_ms":${duration}`
}

/** One call that was allowed, and nothing else to tell of it. */
function isPlain({
  calls,
  refusal,
  faulty,
  answers,
  would,
  withheld,
  resent,
  approval,
}: RequestRecord): boolean {
  const isTold = faulty !== undefined || answers !== undefined || would !== undefined
  const isRare = isTold || withheld !== undefined || approval !== undefined || resent
  return calls.length === 1 && refusal === undefined && !isRare
}

function rareMembers(record: RequestRecord): string {
  const { calls, refusal, faulty, answers, would, withheld, resent, approval } = record
  const several = calls.map((call) => ({ method: methodOf(call), target: targetOf(call) }))
  return [
    calls.length === 1 ? '' : json('calls', several),
    holderMembers(record),
    text('reason', refusal?.reason),
    text('detail', refusal && detailOf(refusal)),
    text('check', refusal?.reason === 'token_rejected' ? refusal.check : undefined),
    audienceMembers(refusal),
    json('missing', refusal?.reason === 'scope_missing' ? refusal.missing : undefined),
    text('approval', approval),
    json('faulty', faulty),
    json(
      'answers',
      answers?.slice(0, MAX_LISTED).map((answer) => answerMember(answer, calls)),
    ),
    json('would', would && describeWould(would)),
    json(
      'withheld',
      withheld?.map((name) => name.slice(0, MAX_NAME_CHARACTERS)),
    ),
    json('resent', resent || undefined),
  ].join('')
}

/** Whom a genuine token names that was refused; of a proved caller it stands in `who`. */
function holderMembers({ principal, refusal }: RequestRecord): string {
  if (principal !== undefined || refusal === undefined) return ''
  const holder = 'holder' in refusal ? refusal.holder : undefined
  const client = 'client' in refusal ? refusal.client : undefined
  const isKnown = holder?.subject !== undefined
  return (
    (isKnown ? text('issuer', holder.issuer) + text('subject', holder.subject) : '') + text('client', client)
  )
}

function audienceMembers(refusal: Refusal | undefined): string {
  const audience = refusal?.reason === 'token_rejected' ? refusal.audience : undefined
  return audience === undefined
    ? ''
    : list('audience', audience.named) + list('audience_wanted', audience.wanted)
}

/** The target is told where the line has several. */
function answerMember({ rule, target, says }: RuleAnswer, calls: readonly Call[]) {
  const isOnly = calls.length === 1 && calls[0]?.targets.length === 1
  return isOnly ? { rule, says } : { rule, target: target.slice(0, MAX_NAME_CHARACTERS), says }
}

function detailOf(refusal: Refusal): string | undefined {
  if (refusal.reason === 'rate_limited') return refusal.limit
  return 'detail' in refusal ? refusal.detail : undefined
}

/** What enforcing would have done: the words of `reason`, `rule` and `missing` above. */
function describeWould(would: Refusal): Record<string, unknown> {
  return {
    reason: would.reason,
    rule: 'rule' in would ? would.rule : undefined,
    missing: would.reason === 'scope_missing' ? would.missing : undefined,
  }
}

function methodOf(call: Call): string {
  return call.method === '' ? call.kind : call.method.slice(0, MAX_NAME_CHARACTERS)
}

function targetMember(call: Call): string {
  const target = targetOf(call)
  return typeof target === 'string' ? text('target', target) : json('target', target)
}

function targetOf({ targets }: Call): string | readonly string[] | undefined {
  if (targets.length > 1) return targets.map(({ name }) => name.slice(0, MAX_NAME_CHARACTERS))
  return targets[0]?.name.slice(0, MAX_NAME_CHARACTERS)
}
