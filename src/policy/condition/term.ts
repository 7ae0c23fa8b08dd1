// A compiled condition: typed parts, each a closure over its operands. A mistake in the text ends the compilation and
// is reported with its place.
import type { ASTNode } from '@marcbachmann/cel-js'
import type { Frame } from './outcome.ts'
import type { Type } from './types.ts'

export interface Term {
  readonly type: Type
  /** Evaluates the part to a value, UNKNOWN or a ConditionFault. */
  readonly run: (frame: Frame) => unknown
  /** The value of a literal, which is known at load. */
  readonly literal?: unknown
  /** Whether its value may come from the arguments, whose member names a server may fold (folding.ts). */
  readonly sent?: boolean | undefined
  /** How many parts it consists of: the steps that one run takes. */
  readonly size: number
}

/** The variable that holds what the client sent. */
export const SENT = 'args'

/** The meaning of names at a place in a condition. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Type>
  /** The name that the comprehension around this place binds. */
  readonly item:
    | { readonly name: string; readonly type: Type; readonly sent: boolean | undefined }
    | undefined
  readonly compile: (node: ASTNode, scope: Scope) => Term
}

/** A mistake in the text of a condition; offsets count UTF-16 units from its start. */
export class ConditionError extends Error {
  readonly start: number
  readonly end: number

  constructor(message: string, place: { readonly start: number; readonly end: number }) {
    super(message)
    this.start = place.start
    this.end = place.end
  }
}
