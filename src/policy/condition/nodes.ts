// The parts of a parsed condition, for those who look through it and evaluate nothing.
import type { ASTNode } from '@marcbachmann/cel-js'

/** Returns the operands of a node that are nodes themselves, in the order of the text. */
export function partsOf({ args }: ASTNode): readonly ASTNode[] {
  const operands: readonly unknown[] = Array.isArray(args) ? args.flat() : [args]
  return operands.filter(isNode)
}

/** Returns the text of a text literal. */
export function literalTextOf(node: ASTNode): string | undefined {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined
}

function isNode(operand: unknown): operand is ASTNode {
  return typeof operand === 'object' && operand !== null && 'op' in operand
}
