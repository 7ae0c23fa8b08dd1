// What a provider says about a person → an identity, under the names that the file gives for claims. Types are
// checked here, since nothing a provider sends is believed to have the right one.
import type { ProviderClaims, ProviderSettings } from '../../core/settings-as.ts'
import type { ExternalIdentity } from './allow.ts'
import { ProviderAnswerError } from './code-flow.ts'

const MAX_GROUPS = 1_000
const MAX_SUBJECT_CHARS = 255

/** Throws ProviderAnswerError without a usable subject (G11). */
export function toIdentity(
  said: Readonly<Record<string, unknown>>,
  { claims, trustEmail = false }: Pick<ProviderSettings, 'claims' | 'trustEmail'>,
  organizations: readonly string[] = [],
): ExternalIdentity {
  const email = textOf(said, claims.email)
  return {
    subject: subjectOf(said, claims),
    name: textOf(said, claims.name),
    email,
    // SECURITY: `email_verified` is about `email`; an address under another claim is unverified.
    emailVerified:
      claims.email === 'email' && email !== undefined && isChecked(said['email_verified'], trustEmail),
    groups: textsOf(memberOf(said, claims.groups)).slice(0, MAX_GROUPS),
    organizations,
  }
}

/** A provider that says nothing may be trusted; one that says no is believed. */
function isChecked(word: unknown, trustEmail: boolean): boolean {
  return word === true || (trustEmail && word === undefined)
}

function subjectOf(said: Readonly<Record<string, unknown>>, claims: ProviderClaims): string {
  const subject = memberOf(said, claims.subject)
  const text = typeof subject === 'number' && Number.isSafeInteger(subject) ? String(subject) : subject
  if (typeof text !== 'string' || text === '' || text.length > MAX_SUBJECT_CHARS) {
    throw new ProviderAnswerError('no usable subject')
  }
  return text
}

function textOf(said: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = memberOf(said, name)
  return typeof value === 'string' && value !== '' && value.length <= MAX_SUBJECT_CHARS ? value : undefined
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

/** A claim, or a member of one: `realm_access.roles`. A claim of exactly that name comes first. */
function memberOf(said: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(said, name)) return said[name]
  return name.split('.').reduce<unknown>((value, step) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    return isObject ? (value as Record<string, unknown>)[step] : undefined
  }, said)
}
