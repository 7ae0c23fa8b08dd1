// Decides whether the `who` of a rule fits this caller. It compares exactly: with a pattern, whoever chooses a name at
// the issuer could choose a rule too. A claim that the token lacks is a fault, so that a deny rule denies (M82).
import { claimAt } from '../core/claim-path.ts'
import type { Principal } from '../core/principal.ts'
import type { WhoSettings } from '../core/settings-who.ts'
import { ConditionFault } from './condition/outcome.ts'

/** True, false, or a fault where the token lacks the claim. Only deny rules act on a fault. */
export type MatchesCaller = (principal: Principal) => boolean | ConditionFault

const NO_CLIENT = new ConditionFault('the token names no client')
const NO_ROLES = new ConditionFault('the token has no claim for roles')

/** For an allow rule, a fault counts as no match. */
export function certainly(matchesCaller: MatchesCaller): MatchesCaller {
  return (principal) => matchesCaller(principal) === true
}

/**
 * `issuers` maps the issuers' names in the file to their identifiers. An issuer without an identifier fits no caller.
 */
export function compileWho(who: WhoSettings, issuers: ReadonlyMap<string, string>): MatchesCaller {
  const tests: MatchesCaller[] = []
  const { subjects, clients, roles, groups } = who
  const trusted = who.issuers?.flatMap((name) => issuers.get(name) ?? [])
  if (subjects) tests.push(({ subject }) => subjects.includes(subject))
  if (trusted) tests.push(({ issuer }) => trusted.includes(issuer))
  if (clients) tests.push(({ clientId }) => (clientId === undefined ? NO_CLIENT : clients.includes(clientId)))
  if (roles) tests.push((principal) => principal.roles?.some((role) => roles.includes(role)) ?? NO_ROLES)
  if (groups) tests.push(belongsTo(groups.claim, groups.any))
  return (principal) => {
    let undecided: ConditionFault | undefined
    for (const test of tests) {
      const fits = test(principal)
      if (fits === false) return false
      if (fits !== true) undecided ??= fits
    }
    return undecided ?? true
  }
}

/** A claim that is text counts as a list of one. Any other value contains no group. */
function belongsTo(path: string, groups: readonly string[]): MatchesCaller {
  const missing = new ConditionFault(`the token has no claim \`${path}\``)
  return ({ claims }) => {
    const claim = claimAt(claims, path)
    if (claim === undefined) return missing
    const held: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
    return held.some((group) => typeof group === 'string' && groups.includes(group))
  }
}
