// A policy as text that can be judged by later, and back. The audit names a policy by the digest of this text. It holds
// what decisions depend on, in the words of gateway.yaml, and neither a secret nor where its rules came from.
import type { ScopeExpression } from '../core/scopes.ts'
import type { PolicySettings, RuleSettings } from '../core/settings.ts'
import { hasMembers, parseJson } from '../lib/json.ts'
import type { Annotations } from './condition/vocabulary.ts'

/** What a policy is compiled from. */
export interface PolicyOptions {
  readonly policy: PolicySettings
  /** The scopes that any use of the route needs. */
  readonly baseline: readonly string[]
  readonly scopesImply: ReadonlyMap<string, readonly string[]>
  /** The names of the route's issuers with their identifiers, for `who`. */
  readonly issuers: ReadonlyMap<string, string>
  /** The approved annotations by the name of the tool; absent when there is no manifest. */
  readonly annotations?: ReadonlyMap<string, Annotations>
}

/** Counts the forms of the text. A later form is read by later versions only. */
const FORM = 1

/** Equal policies have equal texts. */
export function keptPolicyText(options: PolicyOptions): string {
  const { policy, baseline, scopesImply, issuers, annotations } = options
  const { remote: _source, rules, methods, ...rest } = policy
  const asksTools = rules.some(({ when }) => when !== undefined)
  const kept = {
    portcullis_policy: FORM,
    scopes: baseline,
    scopes_imply: Object.fromEntries(scopesImply),
    issuers: Object.fromEntries(issuers),
    policy: { ...rest, methods: Object.fromEntries(methods), rules: rules.map(keptRule) },
    ...(annotations && asksTools ? { annotations: Object.fromEntries(annotations) } : {}),
  }
  return `${JSON.stringify(kept, null, 1)}\n`
}

function keptRule({ requireActive, ...rule }: RuleSettings) {
  return { ...rule, require_active: requireActive }
}

/** Undefined for a text that is no kept policy, or of a form that this version does not know. */
export function readKeptPolicy(text: string): PolicyOptions | undefined {
  const kept = parseJson(text)
  if (!isKept(kept)) return undefined
  const { policy, scopes, scopes_imply: imply, issuers, annotations } = kept
  return {
    policy: {
      ...policy,
      methods: new Map(Object.entries(policy.methods)),
      rules: policy.rules.map(({ require_active: requireActive, ...rule }) => ({ ...rule, requireActive })),
    },
    baseline: scopes,
    scopesImply: new Map(Object.entries(imply)),
    issuers: new Map(Object.entries(issuers)),
    ...(annotations ? { annotations: new Map(Object.entries(annotations)) } : {}),
  }
}

interface Kept {
  readonly scopes: readonly string[]
  readonly scopes_imply: Readonly<Record<string, readonly string[]>>
  readonly issuers: Readonly<Record<string, string>>
  readonly policy: Omit<PolicySettings, 'methods' | 'rules' | 'remote'> & {
    readonly methods: Readonly<Record<string, ScopeExpression>>
    readonly rules: readonly (Omit<RuleSettings, 'requireActive'> & { readonly require_active: boolean })[]
  }
  readonly annotations?: Readonly<Record<string, Annotations>>
}

/** Who has the digest of the text knows that `keptPolicyText` wrote it, so only its form is asked for. */
function isKept(value: unknown): value is Kept {
  if (!hasMembers(value) || value['portcullis_policy'] !== FORM) return false
  const { policy, scopes, scopes_imply: imply, issuers } = value
  return hasMembers(policy) && Array.isArray(policy['rules']) && hasMembers(policy['methods'])
    ? Array.isArray(scopes) && hasMembers(imply) && hasMembers(issuers)
    : false
}
