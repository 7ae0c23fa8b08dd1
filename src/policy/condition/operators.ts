// Comparisons, membership and arithmetic. They are strict: with a fault or an unknown operand, that is the result. `/`
// and `%` are left out, because CEL rounds by how a number was written, and JSON does not say.
import { equal, isExact, order } from './equality.ts'
import { variantAt } from './folding.ts'
import { ConditionFault, chargeText, type Frame, isKnown, unsettled } from './outcome.ts'
import { ConditionError, type Term } from './term.ts'
import { isList, isMap, mayBe, type Type, typeName } from './types.ts'
import { isObject } from './value.ts'

type Place = { readonly start: number; readonly end: number }
type Combine = (left: unknown, right: unknown, frame: Frame) => unknown

/** How many UTF-16 units text made by `+` may have. */
export const MAX_TEXT = 65_536
export const MAX_ITEMS = 1_000
export const TEXT_TOO_LONG = new ConditionFault('text that is too long')
export const TOO_MANY_ITEMS = new ConditionFault('a list that is too long')
const NOT_ADDABLE = new ConditionFault('values that cannot be added')
const NOT_NUMBERS = new ConditionFault('arithmetic on a value that is not a number')
const OVERFLOW = new ConditionFault('a result too large to be exact')
const NOT_CONTAINER = new ConditionFault('`in` on a value that is not a list or map')

const ORDERINGS: ReadonlyMap<string, (difference: number) => boolean> = new Map([
  ['<', (difference: number) => difference < 0],
  ['<=', (difference: number) => difference <= 0],
  ['>', (difference: number) => difference > 0],
  ['>=', (difference: number) => difference >= 0],
])

export function binary(operator: string, left: Term, right: Term, place: Place): Term {
  if (operator === '==' || operator === '!=') return equality(operator === '==', left, right, place)
  if (operator === 'in') return membership(left, right, place)
  const ordering = ORDERINGS.get(operator)
  return ordering === undefined
    ? arithmetic(operator, left, right, place)
    : comparison(ordering, left, right, place)
}

function strict(type: Type, left: Term, right: Term, combine: Combine): Term {
  return {
    type,
    size: left.size + right.size + 1,
    run: (frame) => {
      const [a, b] = [left.run(frame), right.run(frame)]
      return isKnown(a) && isKnown(b) ? combine(a, b, frame) : unsettled(a, b)
    },
  }
}

function equality(wanted: boolean, left: Term, right: Term, place: Place): Term {
  if (!mayBe(left.type, right.type)) {
    const message = `compares ${typeName(left.type)} with ${typeName(right.type)}, which are never equal`
    throw new ConditionError(message, place)
  }
  return strict('bool', left, right, (a, b, frame) => {
    const same = equal(a, b, frame)
    return typeof same === 'boolean' ? same === wanted : same
  })
}

const ORDERED: readonly Type[] = ['number', 'string', 'timestamp']

function comparison(holds: (difference: number) => boolean, left: Term, right: Term, place: Place): Term {
  const ordered = [left.type, right.type].every((type) => type === 'dyn' || ORDERED.includes(type))
  if (!ordered || !mayBe(left.type, right.type)) {
    const message = `${typeName(left.type)} and ${typeName(right.type)} have no order`
    throw new ConditionError(message, place)
  }
  return strict('bool', left, right, (a, b, frame) => {
    const difference = order(a, b, frame)
    return difference instanceof ConditionFault ? difference : holds(difference)
  })
}

function membership(left: Term, right: Term, place: Place): Term {
  const { type } = right
  if (type !== 'dyn' && !isList(type) && !isMap(type)) {
    throw new ConditionError(`expected a list after \`in\`, found ${typeName(type)}`, place)
  }
  const item: Type = type === 'dyn' ? 'dyn' : isList(type) ? type.list : 'string'
  if (!mayBe(left.type, item)) {
    throw new ConditionError(`looks for ${typeName(left.type)} where only ${typeName(item)} can be`, place)
  }
  if (!right.sent) return strict('bool', left, right, contains)
  return strict('bool', left, right, (a, b, frame) => variantAt(b, a, frame) ?? contains(a, b, frame))
}

function contains(item: unknown, container: unknown, frame: Frame): unknown {
  if (isObject(container)) return typeof item === 'string' && Object.hasOwn(container, item)
  if (!Array.isArray(container)) return NOT_CONTAINER
  if (container.length > MAX_ITEMS) return TOO_MANY_ITEMS
  let fault: ConditionFault | undefined
  for (const candidate of container) {
    const same = equal(candidate, item, frame)
    if (same === true) return true
    if (same instanceof ConditionFault) fault ??= same
  }
  return fault ?? false
}

const CALCULATIONS: ReadonlyMap<string, (a: number, b: number) => number> = new Map([
  ['+', (a: number, b: number) => a + b],
  ['-', (a: number, b: number) => a - b],
  ['*', (a: number, b: number) => a * b],
])

function arithmetic(operator: string, left: Term, right: Term, place: Place): Term {
  const calculate = CALCULATIONS.get(operator)
  if (calculate === undefined) {
    throw new ConditionError(
      `\`${operator}\` is not part of conditions; compare with a product instead`,
      place,
    )
  }
  const addable = operator === '+' ? ['number', 'string', 'dyn'] : ['number', 'dyn']
  const fits = [left.type, right.type].every((type) => addable.includes(type as string))
  if (!fits || !mayBe(left.type, right.type)) {
    const message = `\`${operator}\` does not take ${typeName(left.type)} and ${typeName(right.type)}`
    throw new ConditionError(message, place)
  }
  const type = left.type === 'dyn' ? right.type : left.type
  return strict(type, left, right, (a, b, frame) => {
    if (typeof a === 'number' && typeof b === 'number') return exactly(calculate(a, b), a, b)
    return operator === '+' ? joined(a, b, frame) : NOT_NUMBERS
  })
}

function exactly(result: number, a: number, b: number): unknown {
  return isExact(a) && isExact(b) && isExact(result) ? result : OVERFLOW
}

function joined(a: unknown, b: unknown, frame: Frame): unknown {
  if (typeof a !== 'string' || typeof b !== 'string') return NOT_ADDABLE
  if (a.length + b.length > MAX_TEXT) return TEXT_TOO_LONG
  return chargeText(frame, a.length + b.length) ?? a + b
}

export function negative(operand: Term, place: Place): Term {
  if (operand.type !== 'number' && operand.type !== 'dyn') {
    throw new ConditionError(`\`-\` does not take ${typeName(operand.type)}`, place)
  }
  const { literal } = operand
  return {
    type: 'number',
    size: operand.size + 1,
    ...(typeof literal === 'number' ? { literal: -literal } : {}),
    run: (frame) => {
      const value = operand.run(frame)
      if (!isKnown(value)) return value
      return typeof value === 'number' ? -value : NOT_NUMBERS
    },
  }
}
