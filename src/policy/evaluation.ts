// What the rules that speak of a target say to one caller: true, false, unknown (a list has no arguments) or a fault.
// It weighs neither scopes nor effects.
import type { Call, Target, TargetKind } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Circumstances } from '../core/route.ts'
import type { Condition } from './condition/compile.ts'
import { decided } from './condition/logic.ts'
import { ConditionFault, UNKNOWN } from './condition/outcome.ts'
import { type Annotations, variablesOf } from './condition/vocabulary.ts'
import type { IsMeant } from './who.ts'

/** Who asks, and around what request. */
export interface EvaluationContext {
  readonly principal: Principal | undefined
  /** Closed under `scopes_imply`. */
  readonly granted: ReadonlySet<string>
  readonly circumstances: Circumstances
  /** Whether deny rules that are only observed count too. */
  readonly strict: boolean
}

/** How a target is used, as far as conditions may ask. */
export interface TargetUse {
  readonly method: string
  readonly args: () => unknown
  /** What happens when a deny rule cannot be decided yet. */
  readonly doubt: 'denies' | 'passes'
  /** Whether the caller has no token yet, and may turn out to be anybody. */
  readonly anybody: boolean
}

/** When a rule holds, beside its targets and scopes. */
export interface RuleTerms {
  readonly isMeant: IsMeant | undefined
  readonly condition: Condition | undefined
}

const NOBODY = new ConditionFault('the caller has no token')
const unknown = () => UNKNOWN
const nothing = () => undefined

/** Methods whose arguments are those that conditions are about. */
const HAS_ARGUMENTS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get'])

/** How a call uses what it names (docs/decisions.md, 7). */
export function targetUseOf(call: Call): TargetUse {
  const { method } = call
  // The arguments of a task are not kept: they were judged when it was created.
  if (call.taskId !== undefined) return { method, args: unknown, doubt: 'passes', anybody: false }
  // A completion comes before the arguments are known: refused where a deny rule may hold, like a template.
  if (method === 'completion/complete') return { method, args: unknown, doubt: 'denies', anybody: false }
  return { method, args: HAS_ARGUMENTS.has(method) ? call.args : nothing, doubt: 'denies', anybody: false }
}

/**
 * How a list shows it: as some arguments could use it (docs/decisions.md, 6). A template is refused where a deny rule
 * may be about one of its expansions (docs/decisions.md, 7).
 */
export function listUse(method: string, kind: TargetKind): TargetUse {
  const doubt = kind === 'template' ? 'denies' : 'passes'
  return { method, args: HAS_ARGUMENTS.has(method) ? unknown : nothing, doubt, anybody: true }
}

/** True, false, UNKNOWN or a Fault, for each question of one target. */
export type EvaluateTerms = (terms: RuleTerms) => unknown

/** The variables of conditions are made once, when the first condition asks for them. */
export function createEvaluator(
  context: EvaluationContext,
  use: TargetUse,
  target: Target,
  annotations: Annotations | undefined,
): EvaluateTerms {
  const { principal, circumstances } = context
  let variables: Readonly<Record<string, unknown>> | undefined
  const meant = (isMeant: IsMeant) => {
    if (principal !== undefined) return isMeant(principal)
    return use.anybody ? UNKNOWN : NOBODY // D-11: without a principal, `who` is unknown, not false
  }
  return ({ isMeant, condition }) => {
    const who = isMeant === undefined ? true : meant(isMeant)
    if (condition === undefined || who === false) return who
    variables ??= variablesOf({ ...use, principal, target, annotations, circumstances })
    const all = variables
    return decided(who, () => condition.ask(all), false)
  }
}
