// `&&`, `||`, `!` and `? :` over true, false, unknown and fault. A false decides `&&` and a true decides `||`, whatever
// the other side is. Otherwise unknown wins over a fault, since the unknown side could still decide.
import { ConditionFault, type Frame, UNKNOWN } from './outcome.ts'
import type { Term } from './term.ts'
import { either } from './types.ts'

const NOT_BOOL = new ConditionFault('an operand that is not true or false')

export function both(left: Term, right: Term): Term {
  return bool((frame) => decided(left.run(frame), () => right.run(frame), false), left, right)
}

export function oneOf(left: Term, right: Term): Term {
  return bool((frame) => decided(left.run(frame), () => right.run(frame), true), left, right)
}

export function not(operand: Term): Term {
  return bool((frame) => {
    const value = truth(operand.run(frame))
    return typeof value === 'boolean' ? !value : value
  }, operand)
}

export function choice(condition: Term, yes: Term, no: Term): Term {
  return {
    type: either(yes.type, no.type),
    sent: yes.sent || no.sent,
    size: condition.size + yes.size + no.size + 1,
    run: (frame) => {
      const value = truth(condition.run(frame))
      if (typeof value !== 'boolean') return value
      return (value ? yes : no).run(frame)
    },
  }
}

/** Accepts true, false, unknown and a fault; any other value is no truth value. */
export function truth(value: unknown): unknown {
  return typeof value === 'boolean' || value === UNKNOWN || value instanceof ConditionFault ? value : NOT_BOOL
}

/** `deciding` is the value that settles the operation from either side. */
export function decided(left: unknown, right: () => unknown, deciding: boolean): unknown {
  const first = truth(left)
  if (first === deciding) return deciding
  const second = truth(right())
  if (second === deciding) return deciding
  if (first === UNKNOWN || second === UNKNOWN) return UNKNOWN
  return first instanceof ConditionFault ? first : second
}

function bool(run: (frame: Frame) => unknown, ...parts: readonly Term[]): Term {
  return { type: 'bool', run, size: parts.reduce((sum, { size }) => sum + size, 1) }
}
