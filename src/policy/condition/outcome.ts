// What evaluating a part of a condition may give beside a value: unknown (arguments that a list does not have) or
// a fault (a missing field, a wrong type, too much work). Neither is ever thrown.

/** Stands for every value that cannot be known yet. */
export const UNKNOWN: unique symbol = Symbol('unknown')

/** Why a condition has no answer. In words of the condition, never with a value of the call. */
export class ConditionFault {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

/** One evaluation: what the variables are, the item of the comprehension that runs, and the work that is left. */
export interface Frame {
  readonly variables: Readonly<Record<string, unknown>>
  item: unknown
  steps: number
  /** Of each object that was asked, its member names folded (folding.ts). */
  readonly folded: Map<object, ReadonlyMap<string, string | undefined>>
}

/** D14: some 15 ms at the very worst; ordinary conditions take less than fifty steps. */
export const MAX_STEPS = 20_000

const EXHAUSTED = new ConditionFault('too much work')

/** Takes steps from what is left; a fault when there are not enough. */
export function charge(frame: Frame, steps: number): ConditionFault | undefined {
  frame.steps -= steps
  return frame.steps < 0 ? EXHAUSTED : undefined
}

/** UTF-16 units that are read, or members that are listed, in the time of one step. */
const UNITS_PER_STEP = 256
const MEMBERS_PER_STEP = 8

/** For text that is read whole. */
export function chargeText(frame: Frame, units: number): ConditionFault | undefined {
  return charge(frame, Math.floor(units / UNITS_PER_STEP))
}

/** The names of an object's members; a fault when there are too many for the work that is left. */
export function namesOf(value: object, frame: Frame): readonly string[] | ConditionFault {
  const names = Object.keys(value)
  return charge(frame, Math.floor(names.length / MEMBERS_PER_STEP)) ?? names
}

/** Whether a value is one: neither unknown nor a fault. */
export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN && !(value instanceof ConditionFault)
}

/** What a strict operation gives for operands that are not all known: a fault wins, since it stays one. */
export function unsettled(left: unknown, right: unknown): unknown {
  if (left instanceof ConditionFault) return left
  if (right instanceof ConditionFault) return right
  return left === UNKNOWN || right === UNKNOWN ? UNKNOWN : undefined
}
