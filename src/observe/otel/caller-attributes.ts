// What spans say of the caller: nothing, unless the file asks for it (`telemetry.traces.identity`).
import type { Attributes } from '@opentelemetry/api'
import type { IdentityPart } from '../../core/settings-telemetry.ts'
import { createKeyedDigest } from '../../lib/keyed-digest.ts'
import type { RequestRecord } from '../request-record.ts'

export const CALLER_CONVENTIONS = {
  address: 'client.address',
  subject: 'enduser.id',
  pseudonym: 'enduser.pseudo.id',
} as const

/** 128 bits, in hexadecimal digits. */
const PSEUDONYM_DIGITS = 32

export type CallerAttributes = (record: RequestRecord) => Attributes

/** `secret`: the key of pseudonyms; with the same one a caller has the same pseudonym elsewhere. */
export function createCallerAttributes(parts: readonly IdentityPart[], secret: Uint8Array): CallerAttributes {
  const asked = new Set(parts)
  const digest = createKeyedDigest(secret, 'pseudonyms in traces')
  return ({ principal, address }) => {
    const attributes: Attributes = {}
    if (asked.has('address')) attributes[CALLER_CONVENTIONS.address] = address
    if (principal === undefined) return attributes
    const { issuer, subject, clientId, key } = principal
    if (asked.has('issuer')) attributes['portcullis.issuer'] = issuer
    if (asked.has('client') && clientId !== undefined) attributes['portcullis.client_id'] = clientId
    if (asked.has('subject')) attributes[CALLER_CONVENTIONS.subject] = subject
    if (asked.has('pseudonym'))
      attributes[CALLER_CONVENTIONS.pseudonym] = digest(key).toString('hex').slice(0, PSEUDONYM_DIGITS)
    return attributes
  }
}
