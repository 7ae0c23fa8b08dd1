// Decides on a whole message: makes one answer from the verdicts on its parts (docs/decisions.md, 3 and 4). Pure: the
// same function serves requests, `explain` and the tests.
import type { Message } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Circumstances, Decision } from '../core/route.ts'
import type { EvaluationContext } from './evaluation.ts'
import {
  judgeCall,
  judgeProtocolMethod,
  type PolicyParts,
  type RuleVerdict,
  UNSAFE_RULES,
} from './judgement.ts'

const NOTHING_GRANTED: ReadonlySet<string> = new Set()
/** Clients ask for this scope on their own; a resource server never does (PRM-11, SEP-2207). */
const NEVER_ASKED_FOR = 'offline_access'

type ScopesMissing = Extract<RuleVerdict, { kind: 'scopes_missing' }>
type Approval = Extract<RuleVerdict, { kind: 'approval' }>

/** @param strict whether deny rules that are only observed count too */
export function evaluationContextOf(
  parts: PolicyParts,
  principal: Principal | undefined,
  circumstances: Circumstances,
  strict = false,
): EvaluationContext {
  const granted = principal === undefined ? NOTHING_GRANTED : parts.closed(principal.scopes)
  return { principal, granted, circumstances, strict }
}

/** A message without calls (GET and DELETE of a session) needs the baseline. */
export function decideMessage(
  parts: PolicyParts,
  principal: Principal | undefined,
  message: Pick<Message, 'era' | 'calls'>,
  circumstances: Circumstances,
): Decision {
  // Methods are judged first: judging what a message names costs more, the longer the message is.
  if (principal === undefined && !isOpenToAll(parts, message)) return askForToken('baseline', undefined)
  const context = evaluationContextOf(parts, principal, circumstances)
  const verdicts = judgeMessage(parts, context, message)
  // A policy that is only observed never opens anything to a caller without a token.
  if (principal === undefined) return forAnonymous(combine(parts, context, verdicts, message.era))
  if (parts.observed === 'nothing') return combine(parts, context, verdicts, message.era)
  const enforced = judgeMessage(parts, { ...context, strict: true }, message)
  const applied =
    parts.observed === 'policy' ? enforced.map((verdict) => relaxed(parts, context, verdict)) : verdicts
  const decision = combine(parts, context, applied, message.era)
  const shadowRefusal = combine(parts, context, enforced, message.era).refusal
  return shadowRefusal === undefined || shadowRefusal.reason === decision.refusal?.reason
    ? decision
    : { ...decision, shadowRefusal }
}

function judgeMessage(
  parts: PolicyParts,
  context: EvaluationContext,
  { calls }: Pick<Message, 'calls'>,
): readonly RuleVerdict[] {
  return calls.length === 0
    ? [judgeProtocolMethod(parts, context, '')]
    : calls.flatMap((call) => judgeCall(parts, context, call))
}

/** docs/decisions.md, 8: lets a refusal by rules, approvals or scopes through; not a missing baseline, nor an unreadable call. */
function relaxed(parts: PolicyParts, context: EvaluationContext, verdict: RuleVerdict): RuleVerdict {
  const byRules = verdict.kind === 'denied' && !UNSAFE_RULES.has(verdict.rule)
  if (!byRules && verdict.kind !== 'scopes_missing' && verdict.kind !== 'approval') return verdict
  const { faulty, answers } = verdict
  return {
    ...judgeProtocolMethod(parts, context, ''),
    ...(faulty && { faulty }),
    ...(answers && { answers }),
  }
}

/**
 * Combines the verdicts: one plain denial denies everything; otherwise there is one challenge, with the union of scopes
 * (M17).
 */
function combine(
  parts: PolicyParts,
  { granted }: EvaluationContext,
  verdicts: readonly RuleVerdict[],
  era: Message['era'],
): Decision {
  const decision = settle(parts, granted, verdicts, era)
  const faulty = verdicts.flatMap((verdict) => verdict.faulty ?? [])
  const told = faulty.length === 0 ? decision : { ...decision, faulty }
  if (!parts.recordsAnswers) return told
  const answers = verdicts.flatMap((verdict) => verdict.answers ?? [])
  return answers.length === 0 ? told : { ...told, answers }
}

function settle(
  parts: PolicyParts,
  granted: ReadonlySet<string>,
  verdicts: readonly RuleVerdict[],
  era: Message['era'],
): Decision {
  const lacking: ScopesMissing[] = []
  for (const verdict of verdicts) {
    if (verdict.kind === 'denied') {
      const { rule, denial } = verdict
      return refused(rule, { reason: 'call_forbidden', rule, denial })
    }
    if (verdict.kind === 'method_unknown') {
      return refused('methods', { reason: 'method_unknown', method: verdict.method, era })
    }
    if (verdict.kind === 'scopes_missing') lacking.push(verdict)
  }
  const [first] = lacking
  if (first !== undefined) return refused(first.rule, scopeMissing(parts, granted, lacking, first.rule))
  const waiting = verdicts.find((verdict) => verdict.kind === 'approval')
  return waiting === undefined ? allowed(verdicts) : held(waiting, verdicts)
}

function refused(rule: string, refusal: Refusal): Decision {
  return { rule, refusal, requireActive: false }
}

function scopeMissing(
  parts: PolicyParts,
  granted: ReadonlySet<string>,
  lacking: readonly ScopesMissing[],
  rule: string,
): Refusal {
  const relevant = [...granted].filter((scope) => parts.scopesNamed.has(scope))
  const challenge = [...relevant, ...parts.baseline, ...lacking.flatMap(({ wanted }) => wanted)]
  const missing = lacking.flatMap((verdict) => verdict.missing)
  return { reason: 'scope_missing', challenge: askable(challenge), missing: sorted(missing), rule }
}

/** Sorts by UTF-16 code unit, which is byte order for scope tokens, since they are ASCII. */
function sorted(scopes: readonly string[]): string[] {
  return [...new Set(scopes)].sort()
}

function askable(scopes: readonly string[]): string[] {
  return sorted(scopes).filter((scope) => scope !== NEVER_ASKED_FOR)
}

/**
 * Allows the message, in the name of the rule that needs a live token, if one does; otherwise of the first rule that
 * allowed.
 */
function allowed(verdicts: readonly RuleVerdict[]): Decision {
  const grants = verdicts.filter((verdict) => verdict.kind === 'allowed')
  const active = grants.find(({ requireActive }) => requireActive)
  const rule = (active ?? grants[0])?.rule ?? ''
  return { rule, refusal: undefined, requireActive: active !== undefined }
}

/** Everything is right but that nobody has approved it yet. In a batch the first such call speaks for all. */
function held({ rule, rules }: Approval, verdicts: readonly RuleVerdict[]): Decision {
  const requireActive = verdicts.some((verdict) => 'requireActive' in verdict && verdict.requireActive)
  return { rule, refusal: { reason: 'approval_required', rule, rules }, requireActive }
}

function isOpenToAll(parts: PolicyParts, { calls }: Pick<Message, 'calls'>): boolean {
  return calls.length > 0 && calls.every(({ method }) => parts.anonymous.has(method))
}

/** Without a token every refusal is the same challenge for one, whatever its reason (L16). */
function forAnonymous(decision: Decision): Decision {
  if (decision.refusal === undefined && !decision.requireActive) return decision
  return askForToken(decision.rule, decision.faulty)
}

function askForToken(rule: string, faulty: Decision['faulty']): Decision {
  const answer = refused(rule, { reason: 'token_missing', detail: 'not open without a token' })
  return faulty === undefined ? answer : { ...answer, faulty }
}
