// What a person who signed in may do here: the rules of the file, asked with the claims of their ID token.
import type { Operator } from '../core/operator.ts'
import { ok, type Result } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { OperatorPeople } from '../core/settings-admin.ts'
import { type Json, jsonObject } from '../lib/strict-json.ts'
import { certainly, compileWho } from '../policy/who.ts'
import { readIdentity } from '../token/claims.ts'

/**
 * A person with the rights of every rule that fits, maybe none. Their subject is read as in the issuer's access tokens, so that
 * it is the same person who calls tools; fails where the claims do not name one.
 */
export type ReadPerson = (claims: Readonly<Record<string, unknown>>) => Result<Operator>

export function createReadPerson({ rules }: OperatorPeople, issuer: IssuerSettings): ReadPerson {
  const compiled = rules.map(({ who, may }) => ({ fits: certainly(compileWho(who, new Map())), may }))
  return (claims) => {
    const person = readIdentity(jsonObject(claims as Readonly<Record<string, Json>>), issuer, undefined)
    if (!person.ok) return person
    const rights = compiled.flatMap(({ fits, may }) => (fits(person.value) ? may : []))
    const { subject } = person.value
    return ok({ name: subject, issuer: issuer.issuer, subject, rights: new Set(rights) })
  }
}
