// `who` of a rule: whether it speaks of this caller. Exact comparisons only; a pattern here would let whoever picks a
// name at the issuer pick a rule too.
import { claimAt } from '../core/claim-path.ts'
import type { Principal } from '../core/principal.ts'
import type { WhoSettings } from '../core/settings.ts'

export type IsMeant = (principal: Principal) => boolean

/** `issuers` maps the names of the file to issuer identifiers. An issuer that has no identifier is nobody's. */
export function compileWho(who: WhoSettings, issuers: ReadonlyMap<string, string>): IsMeant {
  const tests: IsMeant[] = []
  const { subjects, clients, roles, groups } = who
  const trusted = who.issuers?.flatMap((name) => issuers.get(name) ?? [])
  if (subjects) tests.push(({ subject }) => subjects.includes(subject))
  if (clients) tests.push(({ clientId }) => clientId !== undefined && clients.includes(clientId))
  if (roles) tests.push((principal) => principal.roles.some((role) => roles.includes(role)))
  if (trusted) tests.push(({ issuer }) => trusted.includes(issuer))
  if (groups) tests.push(({ claims }) => belongs(claimAt(claims, groups.claim), groups.any))
  return (principal) => tests.every((test) => test(principal))
}

/** A claim that is text is a list of one; anything but text belongs nowhere. */
function belongs(claim: unknown, groups: readonly string[]): boolean {
  const held: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  return held.some((group) => typeof group === 'string' && groups.includes(group))
}
