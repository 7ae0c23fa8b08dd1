// One digest of settings and parts of them: equal where all of it is, so that what was made of them may stay. It says nothing of
// what differs.
import { createHash } from 'node:crypto'
import { Secret } from '../core/secret.ts'

/** Secrets enter the digest by their value. Nothing else is kept of them. */
export function digestOfParts(madeOf: unknown): string {
  const text = JSON.stringify(
    madeOf,
    function (this: Readonly<Record<string, unknown>>, key, written: unknown) {
      const member = this[key] // before toJSON
      if (member instanceof Secret) return { secret: member.reveal() }
      if (member instanceof Map) return { map: [...member] }
      if (member instanceof Set) return { set: [...member] }
      return written
    },
  )
  return createHash('sha256').update(text).digest('base64')
}
