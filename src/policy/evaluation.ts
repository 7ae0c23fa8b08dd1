// Evaluates what the rules about a target say to one caller: true, false, unknown (a list has no arguments) or a fault.
// It weighs neither scopes nor effects.
import type { Call, Target, TargetKind } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Circumstances } from '../core/route.ts'
import type { Condition } from './condition/compile.ts'
import { decided } from './condition/logic.ts'
import { ConditionFault, UNKNOWN } from './condition/outcome.ts'
import { type Annotations, variablesOf } from './condition/vocabulary.ts'
import type { MatchesCaller } from './who.ts'

/** The caller, and the circumstances of the request. */
export interface EvaluationContext {
  readonly principal: Principal | undefined
  /** The granted scopes with all that they imply (`scopes_imply`). */
  readonly granted: ReadonlySet<string>
  readonly circumstances: Circumstances
  /** Whether deny rules that are only observed count too. */
  readonly strict: boolean
}

/** How a target is used, as far as conditions can ask about it. */
export interface TargetUse {
  readonly method: string
  readonly args: () => unknown
  /** What a deny rule does while the answer of its condition is unknown. */
  readonly onUnknown: 'deny' | 'skip'
  /** Whether an approve rule asks for approval. A task was approved when it was created. */
  readonly approval: 'asked' | 'given'
  /** Whether a caller without a token may still turn out to be anybody, as in lists. */
  readonly anybody: boolean
}

/** The terms under which a rule holds, beside its targets and scopes. */
export interface RuleTerms {
  readonly matchesCaller: MatchesCaller | undefined
  readonly condition: Condition | undefined
}

const NOBODY = new ConditionFault('the caller has no token')
const unknown = () => UNKNOWN
const nothing = () => undefined

/** The methods whose arguments conditions are about. */
const HAS_ARGUMENTS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get'])

/** How a call uses what it names (docs/decisions.md, 7). */
export function targetUseOf(call: Call): TargetUse {
  const { method } = call
  // The arguments of a task are not kept. They were judged when the task was created.
  if (call.taskId !== undefined) {
    return { method, args: unknown, onUnknown: 'skip', approval: 'given', anybody: false }
  }
  const use = { method, onUnknown: 'deny', approval: 'asked', anybody: false } as const
  // A completion comes before the arguments are known. Like a template, it is refused where a deny rule may hold.
  if (method === 'completion/complete') return { ...use, args: unknown }
  return { ...use, args: HAS_ARGUMENTS.has(method) ? call.args : nothing }
}

/**
 * The use for which a list shows a target: a call with some arguments (docs/decisions.md, 6). A template is refused
 * where a deny rule may be about one of its expansions (docs/decisions.md, 7).
 */
export function listUse(method: string, kind: TargetKind): TargetUse {
  const onUnknown = kind === 'template' ? 'deny' : 'skip'
  const args = HAS_ARGUMENTS.has(method) ? unknown : nothing
  return { method, args, onUnknown, approval: 'asked', anybody: true }
}

/** Evaluates the terms of one rule for one target: true, false, UNKNOWN or a ConditionFault. */
export type EvaluateTerms = (terms: RuleTerms) => unknown

/** The variables of conditions are made once, when the first condition needs them. */
export function createEvaluator(
  context: EvaluationContext,
  use: TargetUse,
  target: Target,
  annotations: Annotations | undefined,
): EvaluateTerms {
  const { principal, circumstances } = context
  let variables: Readonly<Record<string, unknown>> | undefined
  const callerMatches = (matchesCaller: MatchesCaller) => {
    if (principal !== undefined) return matchesCaller(principal)
    return use.anybody ? UNKNOWN : NOBODY // D-11: without a principal, `who` is unknown, not false
  }
  return ({ matchesCaller, condition }) => {
    const who = matchesCaller === undefined ? true : callerMatches(matchesCaller)
    if (condition === undefined || who === false) return who
    variables ??= variablesOf({ ...use, principal, target, annotations, circumstances })
    const all = variables
    return decided(who, () => condition.ask(all), false)
  }
}
