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
/** No line is longer, and readers take no longer one: names are cut, and lists are. */
export const MAX_AUDIT_LINE_BYTES = 16 * 1024 * 1024

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
      text('client_request_id', clientRequestId && cut(clientRequestId)),
      `,"generation":${generation}${text('policy', policy?.digest)}`,
      text('route', route) + text('address', address),
      text('http_method', httpMethod),
      only === undefined ? '' : text('method', methodOf(only)) + targetText(only),
      principal === undefined ? '' : who(principal, policy),
      `,"decision":"${record.refusal === undefined ? 'allowed' : 'refused'}"`,
      rule === '' ? '' : text('rule', rule),
      outcome === undefined ? '' : outcomeMembers(outcome),
      isPlain(record) ? '' : rareMembers(record),
      '}',
    ].join('')
  }
}

/** How many of each kind stand in a line: calls, targets, scopes, roles, answers of rules. */
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
    json(namesMembers('scopes', [...scopes].sort())),
    json(namesMembers('roles', told?.filter((role) => named?.has(role)).sort())),
  ].join('')
}

type Members = Readonly<Record<string, unknown>>

/** Under `…_left_out` it says how many more there were. */
function listMembers<T>(
  name: string,
  values: readonly T[] | undefined,
  told: (value: T) => unknown,
): Members {
  if (values === undefined) return {}
  const more = values.length - MAX_LISTED
  return {
    [name]: values.slice(0, MAX_LISTED).map(told),
    ...(more > 0 ? { [`${name}_left_out`]: more } : {}),
  }
}

function namesMembers(name: string, values: readonly string[] | undefined): Members {
  return listMembers(name, values, cut)
}

function cut(name: string): string {
  return name.slice(0, MAX_NAME_CHARACTERS)
}

/** Printable ASCII without what JSON escapes. */
const AS_IT_IS = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** K05, K30: nothing that a client sends can end its string or its line, or act on a terminal. Empty for a member that is not there. */
function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return AS_IT_IS.test(value) ? `,"${name}":"${value}"` : `,"${name}":${visibleJson(JSON.stringify(value))}`
}

function json(members: Members): string {
  const inside = visibleJson(JSON.stringify(members)).slice(1, -1)
  return inside === '' ? '' : `,${inside}`
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
  return json({
    ...(calls.length === 1 ? {} : listMembers('calls', calls, callMember)),
    ...holderMembers(record),
    reason: refusal?.reason,
    detail: refusal && detailOf(refusal),
    check: refusal?.reason === 'token_rejected' ? refusal.check : undefined,
    ...audienceMembers(refusal),
    ...missingMembers(refusal),
    approval,
    ...namesMembers('faulty', faulty),
    ...listMembers('answers', answers, (answer) => answerMember(answer, calls)),
    would: would && describeWould(would),
    ...namesMembers('withheld', withheld),
    resent: resent || undefined,
  })
}

/** Whom a genuine token names that was refused; of a proved caller it stands in `who`. */
function holderMembers({ principal, refusal }: RequestRecord): Members {
  if (principal !== undefined || refusal === undefined) return {}
  const holder = 'holder' in refusal ? refusal.holder : undefined
  const client = 'client' in refusal ? refusal.client : undefined
  return holder?.subject === undefined
    ? { client }
    : { issuer: holder.issuer, subject: holder.subject, client }
}

function audienceMembers(refusal: Refusal | undefined): Members {
  const audience = refusal?.reason === 'token_rejected' ? refusal.audience : undefined
  return {
    ...namesMembers('audience', audience?.named),
    ...namesMembers('audience_wanted', audience?.wanted),
  }
}

function missingMembers(refusal: Refusal | undefined): Members {
  return namesMembers('missing', refusal?.reason === 'scope_missing' ? refusal.missing : undefined)
}

/** The target is told where the line has several. */
function answerMember({ rule, target, says }: RuleAnswer, calls: readonly Call[]) {
  const isOnly = calls.length === 1 && calls[0]?.targets.length === 1
  return isOnly ? { rule, says } : { rule, target: cut(target), says }
}

function detailOf(refusal: Refusal): string | undefined {
  if (refusal.reason === 'rate_limited') return refusal.limit
  return 'detail' in refusal ? refusal.detail : undefined
}

/** What enforcing would have done: the words of `reason`, `rule` and `missing` above. */
function describeWould(would: Refusal): Members {
  return {
    reason: would.reason,
    rule: 'rule' in would ? would.rule : undefined,
    ...missingMembers(would),
  }
}

function callMember(call: Call): Members {
  return { method: methodOf(call), ...targetMembers(call) }
}

function methodOf(call: Call): string {
  return call.method === '' ? call.kind : cut(call.method)
}

function targetMembers({ targets }: Call): Members {
  const [first] = targets
  return targets.length > 1
    ? listMembers('target', targets, ({ name }) => cut(name))
    : { target: first && cut(first.name) }
}

/** Most calls name one thing. */
function targetText(call: Call): string {
  const [first, ...others] = call.targets
  return others.length === 0 ? text('target', first && cut(first.name)) : json(targetMembers(call))
}
