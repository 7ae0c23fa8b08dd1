// Equality and order of values. Numbers compare by value, however they were written. A number that is too large to be
// distinguished from its neighbours compares with nothing, because the upstream may read its digits exactly.
import { alikeIn } from './folding.ts'
import { ConditionFault, charge, chargeText, type Frame, namesOf } from './outcome.ts'
import { Instant, isObject } from './value.ts'

const INEXACT = new ConditionFault('a number too large to compare exactly')
const UNORDERED = new ConditionFault('values that have no order')

/** Returns true, false or a fault. Values of different kinds are not equal. */
export function equal(a: unknown, b: unknown, frame: Frame): unknown {
  const spent = charge(frame, 1)
  if (spent) return spent
  if (typeof a === 'number' && typeof b === 'number') return isExact(a) && isExact(b) ? a === b : INEXACT
  if (typeof a === 'string' && typeof b === 'string') return equalTexts(a, b, frame)
  if (a instanceof Instant && b instanceof Instant) return a.ms === b.ms
  if (Array.isArray(a) && Array.isArray(b)) return equalLists(a, b, frame)
  if (isObject(a) && isObject(b)) return equalObjects(a, b, frame)
  return a === b
}

function equalTexts(a: string, b: string, frame: Frame): unknown {
  return a.length === b.length && (chargeText(frame, a.length) ?? a === b)
}

function equalLists(a: readonly unknown[], b: readonly unknown[], frame: Frame): unknown {
  if (a.length !== b.length) return false
  for (const [index, item] of a.entries()) {
    const same = equal(item, b[index], frame)
    if (same !== true) return same
  }
  return true
}

type Members = Readonly<Record<string, unknown>>

function equalObjects(a: Members, b: Members, frame: Frame): unknown {
  const alike = alikeIn(a, frame) ?? alikeIn(b, frame)
  if (alike) return alike
  const [names, others] = [namesOf(a, frame), namesOf(b, frame)]
  if (names instanceof ConditionFault) return names
  if (others instanceof ConditionFault) return others
  if (names.length !== others.length) return false
  for (const name of names) {
    if (!Object.hasOwn(b, name)) return false
    const same = equal(a[name], b[name], frame)
    if (same !== true) return same
  }
  return true
}

/** Returns a negative number, zero or a positive number; a fault where there is no order. */
export function order(a: unknown, b: unknown, frame: Frame): number | ConditionFault {
  if (typeof a === 'number' && typeof b === 'number') return isExact(a) && isExact(b) ? a - b : INEXACT
  if (typeof a === 'string' && typeof b === 'string') return orderTexts(a, b, frame)
  if (a instanceof Instant && b instanceof Instant) return a.ms - b.ms
  return UNORDERED
}

function orderTexts(a: string, b: string, frame: Frame): number | ConditionFault {
  return chargeText(frame, Math.min(a.length, b.length)) ?? (a < b ? -1 : a > b ? 1 : 0)
}

/** IEEE 754: above 2^53 several integers are one double. */
export function isExact(number: number): boolean {
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER
}
