// The account of one recorded request, in lines: what was recorded, why by the policy of then, and what the policy of now
// would say. It decides nothing.
import { namesIn, textIn } from '../../observe/audit-record.ts'
import { formatExplanation } from '../../policy/explain.ts'
import { auditLineInWords } from '../shared/audit-line-words.ts'
import type { AuditFileLine } from '../shared/audit-lines.ts'
import { printableLines } from '../shared/printable.ts'
import type { Rejudged, UnaskedRule } from './rejudge.ts'

/** Of one call; or why it cannot be asked again. */
export type PolicyAccount = Rejudged | { readonly why: string }

export type JudgedRequest =
  /** It was refused before any rule was asked. */
  | {
      readonly line: AuditFileLine
      readonly before: true
      readonly audienceNow: { readonly wanted: readonly string[]; readonly fits: boolean } | undefined
    }
  | {
      readonly line: AuditFileLine
      readonly before: false
      /** A sentence where that policy cannot be asked. */
      readonly byThen: readonly PolicyAccount[] | string
      readonly byNow: readonly PolicyAccount[] | string
      /** Whether rules of the route come from elsewhere, and are not asked. */
      readonly isRemote: boolean
    }

export function formatRequest(judged: JudgedRequest): string {
  const account = judged.before ? tellBefore(judged) : tellPolicies(judged)
  return `${printableLines([auditLineInWords(judged.line, false), ...account])}\n`
}

function tellBefore({ line: { record }, audienceNow }: Extract<JudgedRequest, { before: true }>): string[] {
  const reason = textIn(record, 'reason')
  if (reason === '') return ['  it was decided without a rule']
  const general = `  no rule was asked: it was refused before. docs/reasons.md says more about ${reason}`
  if (audienceNow === undefined) return [general]
  const { wanted, fits } = audienceNow
  const named = namesIn(record['audience']).join(' ') || 'nobody'
  return [
    general,
    'then',
    `  the token was for ${named}; the route wanted ${namesIn(record['audience_wanted']).join(' or ')}`,
    'now',
    `  the route wants ${wanted.join(' or ')}: such a token would ${fits ? 'fit' : 'be refused again'}`,
  ]
}

function tellPolicies({
  line,
  byThen,
  byNow,
  isRemote,
}: Extract<JudgedRequest, { before: false }>): string[] {
  const elsewhere = '  rules of this route come from elsewhere; only those of the file are asked here'
  return [
    ...tellRest(line),
    `by the policy of then`,
    ...tellAccounts(byThen, 'then'),
    'by the policy of now',
    ...(isRemote ? [elsewhere] : []),
    ...(byNow === 'same' ? ['  it is the same policy'] : tellAccounts(byNow, 'now')),
  ]
}

const OF_POLICY: ReadonlySet<string> = new Set([
  'approval_required',
  'scope_missing',
  'call_forbidden',
  'method_unknown',
  'token_missing',
])

/** What had its part in the outcome beside the rules. */
function tellRest({ record }: AuditFileLine): string[] {
  const reason = textIn(record, 'reason')
  if (textIn(record, 'rule') === 'manifest')
    return ['  the manifest withheld it; whether it does now: portcullis drift']
  const approval = textIn(record, 'approval')
  if (reason === '' && approval !== '') return [`  it was allowed by approval ${approval}, which is used up`]
  if (reason === 'approval_denied')
    return [`  an approver had said no to this very call (approval ${approval})`]
  if (reason === '' || OF_POLICY.has(reason)) return []
  return [`  the policy had allowed it; it failed afterwards. docs/reasons.md says more about ${reason}`]
}

type Time = 'then' | 'now'

function tellAccounts(accounts: readonly PolicyAccount[] | string, time: Time): string[] {
  const lines =
    typeof accounts === 'string' ? [accounts] : accounts.flatMap((account) => tellAccount(account, time))
  return lines.map((text) => `  ${text}`)
}

function tellAccount(account: PolicyAccount, time: Time): string[] {
  if ('why' in account) return [`it cannot be asked again: ${account.why}`]
  const { decision, possible, explanation, unasked } = account
  const [head = '', ...rest] = formatExplanation(explanation)
  const names = unasked.filter(({ said }) => said === undefined).map(({ rule }) => `\`${rule}\``)
  const outcomes = [...new Set(possible.map((one) => OUTCOMES.get(one) ?? 'refused'))].join(', or ')
  const uncertain = `not certain: it depends on ${[...new Set(names)].join(' and ')}: ${outcomes}`
  return [decision === 'depends' ? uncertain : head, ...rest, ...unasked.map((one) => tellUnasked(one, time))]
}

function tellUnasked({ rule, target, said }: UnaskedRule, time: Time): string {
  const head = `rule \`${rule}\` looks at arguments or claims of \`${target}\`, which no line has`
  if (said !== undefined && time === 'then')
    return `${head}: it said ${SAID.get(said) ?? said} then, and cannot be asked again`
  if (said !== undefined) return `${head}: it is unchanged, and said ${SAID.get(said) ?? said} then`
  return time === 'then'
    ? `${head}: the line does not say what it said, and it cannot be asked again`
    : `${head}: it is not as it was then, so what it would say is not known`
}

/** Everything else is refused. */
const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['allowed', 'allowed'],
  ['approval_required', 'waits for approval'],
])

const SAID: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['false', 'false'],
  ['fault', 'that it had no answer'],
  ['unknown', 'that it did not know'],
])
