// What the evaluation of a part of a condition may give beside a value: unknown (arguments that a list does not have)
// or a fault (a missing field, a wrong type, too much work). Neither is ever thrown.

/** Represents every value that cannot be known yet. */
export const UNKNOWN: unique symbol = Symbol('unknown')

/** Says why a condition has no answer, in words of the condition, never with a value of the call. */
export class ConditionFault {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

/** One evaluation: the variables, the present item of the comprehension, and the work that is left. */
export interface Frame {
  readonly variables: Readonly<Record<string, unknown>>
  item: unknown
  steps: number
  /** The folded member names of each object that was asked (folding.ts). */
  readonly folded: Map<object, ReadonlyMap<string, string | undefined>>
}

/** D14: about 15 ms at the very worst; ordinary conditions take less than fifty steps. */
export const MAX_STEPS = 20_000

const EXHAUSTED = new ConditionFault('too much work')

/** Takes steps from those that are left; a fault when there are not enough. */
export function charge(frame: Frame, steps: number): ConditionFault | undefined {
  frame.steps -= steps
  return frame.steps < 0 ? EXHAUSTED : undefined
}

/** How many UTF-16 units are read, or members are listed, in the time of one step. */
const UNITS_PER_STEP = 256
const MEMBERS_PER_STEP = 8

/** Charges for text that is read whole. */
export function chargeText(frame: Frame, units: number): ConditionFault | undefined {
  return charge(frame, Math.floor(units / UNITS_PER_STEP))
}

/** Returns the names of an object's members; a fault when there are too many for the work that is left. */
export function namesOf(value: object, frame: Frame): readonly string[] | ConditionFault {
  const names = Object.keys(value)
  return charge(frame, Math.floor(names.length / MEMBERS_PER_STEP)) ?? names
}

/** Whether it is a real value: neither unknown nor a fault. */
export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN && !(value instanceof ConditionFault)
}

/** The result of a strict operation whose operands are not all known: a fault wins, since it stays one. */
export function unsettled(left: unknown, right: unknown): unknown {
  if (left instanceof ConditionFault) return left
  if (right instanceof ConditionFault) return right
  return left === UNKNOWN || right === UNKNOWN ? UNKNOWN : undefined
}
