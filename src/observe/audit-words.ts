// A line of the audit in words, for people who look back: who, with which client, what, how it went and why. The names in
// it were chosen by strangers; whoever shows them makes them harmless. Pure.
import { membersOf } from '../lib/json.ts'
import { type AccessKind, callWords, outcomeWords } from './access-entry.ts'
import { accessEvent, isFailure } from './access-events.ts'
import { type AuditRecord, callsIn, namesIn, textIn } from './audit-record.ts'
import { isReason, isTokenCheck, refusalWords, type ToldRefusal } from './refusal-words.ts'
import type { ResponseEnding, RpcOutcome } from './request-record.ts'

export interface AuditEntry {
  readonly kind: AccessKind
  /** A subject, who did something, or the address of somebody unknown. */
  readonly who: string
  /** Empty, like the next two, where there is none. */
  readonly client: string
  readonly route: string
  readonly what: string
  readonly outcome: string
  readonly requestId: string
}

export function auditEntry(record: AuditRecord): AuditEntry {
  const text = (name: string) => textIn(record, name)
  const isCall = text('event') === 'decision' || text('event') === 'admitted'
  return {
    ...(isCall ? tellCall(record) : tellEvent(record)),
    who: text('subject') || (isCall ? text('address') : text('actor')),
    client: text('client'),
    route: text('route'),
    requestId: text('request_id'),
  }
}

type Told = Pick<AuditEntry, 'kind' | 'what' | 'outcome'>

function tellCall(record: AuditRecord): Told {
  const [first, ...others] = callsIn(record)
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const what =
    (first ? callWords(first.method, first.targets, first.leftOut) : textIn(record, 'http_method')) + more
  if (record['event'] === 'admitted')
    return { kind: 'call', what, outcome: 'admitted: its end is another line' }
  const refusal = refusalIn(record)
  if (refusal === undefined && record['decision'] !== 'refused')
    return { kind: 'call', what, outcome: tellAllowed(record) }
  const outcome = refusal
    ? refusalWords(refusal)
    : `refused: ${textIn(record, 'reason') || 'no reason is told'}`
  return { kind: 'refused', what, outcome: outcome + factsOf(record) }
}

/** Undefined where nothing was refused, or for a reason that this version does not know. */
function refusalIn(record: AuditRecord): ToldRefusal | undefined {
  const [reason, check, rule] = [textIn(record, 'reason'), textIn(record, 'check'), textIn(record, 'rule')]
  if (!isReason(reason)) return undefined
  return {
    reason,
    ...(isTokenCheck(check) ? { check } : {}),
    ...(rule === '' ? {} : { rule }),
    missing: namesIn(record['missing']),
    ...(reason === 'rate_limited' ? { limit: textIn(record, 'detail') } : {}),
  }
}

/** What was there, beside what was wanted. */
function factsOf(record: AuditRecord): string {
  switch (textIn(record, 'reason')) {
    case 'scope_missing':
      return Array.isArray(record['scopes']) ? ` (granted: ${listed(namesIn(record['scopes']))})` : ''
    case 'token_rejected':
      return tellAudience(record)
    case 'call_forbidden':
    case 'rate_limited':
      return ''
    default: {
      const detail = textIn(record, 'detail')
      return detail === '' ? '' : ` (${detail})`
    }
  }
}

function tellAudience(record: AuditRecord): string {
  const { audience, audience_wanted: wanted } = record
  if (!Array.isArray(audience)) {
    const detail = textIn(record, 'detail')
    return detail === '' ? '' : ` (${detail})`
  }
  return ` (it is for ${listed(namesIn(audience))}; this route wants ${listed(namesIn(wanted))})`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(' ')
}

const RPC: ReadonlySet<string> = new Set<RpcOutcome>(['result', 'error', 'tool_error', 'none'])
const ENDINGS: ReadonlySet<string> = new Set<ResponseEnding>([
  ...(['complete', 'client_closed', 'upstream_aborted', 'gateway_closed'] as const),
])

function tellAllowed(record: AuditRecord): string {
  const [rpc, ending] = [textIn(record, 'rpc') || 'none', textIn(record, 'ending')]
  const would = membersOf(record['would'])
  return outcomeWords({
    rpc: isRpc(rpc) ? rpc : 'none',
    ending: isEnding(ending) ? ending : 'complete',
    would: would && refusalIn(would),
  })
}

function isRpc(text: string): text is RpcOutcome {
  return RPC.has(text)
}

function isEnding(text: string): text is ResponseEnding {
  return ENDINGS.has(text)
}

/** Every event is told; those without words of their own by their name. */
function tellEvent(record: AuditRecord): Told {
  const member = (name: string) => textIn(record, name) || undefined
  const event = {
    ...{ event: textIn(record, 'event'), actor: textIn(record, 'actor') },
    ...given('endpoint', member('endpoint')),
    ...given('reason', member('reason')),
    ...given('detail', member('detail')),
  }
  const known = accessEvent(event)
  if (known !== undefined) return known
  const why = [member('reason'), member('detail')].filter((part) => part !== undefined).join(', ')
  const words = event.event.replaceAll('_', ' ')
  const outcome = why === '' ? words : `${words}: ${why}`
  return { kind: isFailure(event.event) ? 'refused' : 'event', what: event.endpoint ?? '', outcome }
}

function given<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [K in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]?: string })
}
