// Who of an outside provider may sign in here. Nobody, unless the file says so.
import type { ProviderAllow } from '../../core/settings-as.ts'

/** Who somebody is, as their provider says. */
export interface ExternalIdentity {
  /** At the provider; never empty. */
  readonly subject: string
  readonly name: string | undefined
  readonly email: string | undefined
  readonly emailVerified: boolean
  readonly groups: readonly string[]
  readonly organizations: readonly string[]
}

export function mayEnter(allow: ProviderAllow, identity: ExternalIdentity): boolean {
  const domain = verifiedDomain(identity)
  return (
    allow.subjects.some((subject) => subject === '*' || subject === identity.subject) ||
    allow.domains.some((allowed) => allowed.toLowerCase() === domain) ||
    allow.groups.some((group) => identity.groups.includes(group)) ||
    allow.organizations.some((allowed) =>
      identity.organizations.some((one) => one.toLowerCase() === allowed.toLowerCase()),
    )
  )
}

/** Why somebody may not enter, for the operator: what was looked at, never what it said. */
export function whyDenied(allow: ProviderAllow, identity: ExternalIdentity): string {
  const domain = verifiedDomain(identity)
  const reasons = [
    allow.subjects.length > 0 ? 'the subject is not listed' : [],
    allow.domains.length === 0 ? [] : domain === undefined ? noDomain(identity) : 'the domain is not listed',
    allow.groups.length === 0 ? [] : missing(identity.groups, 'groups'),
    allow.organizations.length === 0 ? [] : missing(identity.organizations, 'organizations'),
  ]
  return reasons.flat().join('; ') || 'nobody is listed'
}

function noDomain({ email, emailVerified }: ExternalIdentity): string {
  if (email === undefined) return 'the provider gives no email'
  return emailVerified ? 'the email has no domain' : 'the provider does not say that the email was verified'
}

function missing(said: readonly string[], what: string): string {
  return said.length === 0 ? `the provider names no ${what}` : `in none of the ${what}`
}

/** The domain of an address that the provider has checked; anybody can type any address. */
export function verifiedDomain(who: {
  readonly email: string | undefined
  readonly emailVerified: boolean
}): string | undefined {
  if (!who.emailVerified || who.email === undefined) return undefined
  const at = who.email.lastIndexOf('@')
  return at < 1 ? undefined : who.email.slice(at + 1).toLowerCase()
}
