// The account that `portcullis explain` gives: the verdict on the token and the verdict of the rules, put together
// and told in lines. It decides nothing that was not decided before.
import { type Explanation, formatExplanation } from '../../policy/explain.ts'
import { printableLines } from '../shared/printable.ts'
import type { ClaimVerdict, TokenExplanation } from './explain-token.ts'

export interface ExplainReport {
  readonly route: string
  readonly token: Omit<TokenExplanation, 'principal'>
  /** Absent when the token names nobody: then no rule is asked. */
  readonly policy: Explanation | undefined
  /** What the call names and the manifest does not hold. */
  readonly withheld: readonly string[]
}

/** The fourth claim: enough for this call or not. A denial that no scope cures is not the token's fault. */
export function scopeVerdict({ decision, granted, baseline, missing }: Explanation): ClaimVerdict {
  const ok = decision !== 'scope_missing' && baseline.missing.length === 0
  const needed = [...new Set([...baseline.needed, ...missing])].sort()
  return {
    claim: 'scope',
    ok,
    expected: needed.length === 0 ? 'nothing' : needed.join(' '),
    got: granted.length === 0 ? 'nothing' : granted.join(' '),
  }
}

export function isAllowed({ token, policy, withheld }: ExplainReport): boolean {
  return faultsOf(token).length === 0 && policy?.decision === 'allowed' && withheld.length === 0
}

export function formatReport(account: ExplainReport): string {
  const { token, policy, route, withheld } = account
  const { signature, introspection } = token
  const lines = [
    `token, on route ${route}`,
    ...(token.fault === undefined ? [] : [`  ✗ ${token.fault}`]),
    ...token.claims.map(tellClaim),
    tellWord('signature', signature),
    ...(introspection === undefined ? [] : [tellWord('introspection', introspection)]),
    'policy',
    ...(policy === undefined ? [NOBODY] : formatExplanation(policy)).map((line) => `  ${line}`),
    ...withheld.map((name) => `  ✗ ${name} is not in the manifest; see: portcullis drift`),
    verdict(account),
  ]
  return `${printableLines(lines)}\n`
}

const NOBODY = 'no rule was asked, since the token does not say who calls'
const MARKS = {
  verified: '✓',
  active: '✓',
  refused: '✗',
  inactive: '✗',
  unchecked: '?',
  unanswered: '?',
} as const

function tellWord(
  what: string,
  { state, detail }: { readonly state: keyof typeof MARKS; readonly detail: string },
) {
  return `  ${MARKS[state]} ${what} ${state}: ${detail}`
}

function tellClaim({ claim, ok, expected, got }: ClaimVerdict): string {
  return `  ${ok ? '✓' : '✗'} ${claim.padEnd(5)} expected ${expected}; got ${got}`
}

function verdict({ token, policy, withheld }: ExplainReport): string {
  const faults = faultsOf(token)
  if (faults.length > 0) return `refused: the token (${faults.join(', ')})`
  if (policy === undefined) return 'not decided: the issuer does not answer'
  if (policy.decision !== 'allowed' && policy.decision !== 'approval_required')
    return `refused: ${policy.decision}`
  if (withheld.length > 0) return 'refused: the manifest does not hold it'
  if (policy.decision === 'approval_required') return 'waits for approval, each time it is called'
  const { signature, introspection } = token
  if (introspection?.state === 'unanswered') return 'allowed, if the issuer calls it active'
  const isProved = signature.state === 'verified' || introspection?.state === 'active'
  return isProved ? 'allowed' : 'allowed, if the signature holds'
}

/** The first thing that is wrong, identity before permission. Policy judges scopes, and has its own reason for them. */
function faultsOf({ claims, signature, introspection, fault }: ExplainReport['token']): string[] {
  const wrong = claims.filter(({ claim, ok }) => !ok && claim !== 'scope').map(({ claim }) => claim)
  const unsigned = signature.state === 'refused' ? ['signature'] : []
  const inactive = introspection?.state === 'inactive' ? ['introspection'] : []
  return [...inactive, ...(fault === undefined ? [] : [fault]), ...wrong, ...unsigned]
}
