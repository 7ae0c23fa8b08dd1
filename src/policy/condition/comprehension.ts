// Compiles `list.all(x, …)`, `list.exists(x, …)` and `list.exists_one(x, …)`; over a map they see its keys. They do not
// nest, so the work of a condition grows with one list at most (D14).
import type { ASTNode } from '@marcbachmann/cel-js'
import { alikeIn, variantAt } from './folding.ts'
import { truth } from './logic.ts'
import { literalTextOf, partsOf } from './nodes.ts'
import { MAX_ITEMS, TOO_MANY_ITEMS } from './operators.ts'
import { ConditionFault, charge, type Frame, isKnown, namesOf, UNKNOWN } from './outcome.ts'
import { ConditionError, type Scope, type Term } from './term.ts'
import { isList, isMap, type Type, typeName } from './types.ts'
import { isObject } from './value.ts'

export const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one'])

const NO_LIST = new ConditionFault('a comprehension over a value that is not a list or map')

export function comprehension(
  name: string,
  list: Term,
  [binding, body]: readonly ASTNode[],
  scope: Scope,
  node: ASTNode,
): Term {
  if (scope.item !== undefined) {
    throw new ConditionError(`\`${name}\` inside another comprehension is not allowed`, node)
  }
  if (binding?.op !== 'id' || body === undefined) {
    throw new ConditionError(`\`${name}\` takes a name and a condition, as in \`${name}(x, x > 0)\``, node)
  }
  if (scope.variables.has(binding.args)) {
    throw new ConditionError(`\`${binding.args}\` already has a meaning here; use another name`, binding)
  }
  const inner = { ...scope, item: { name: binding.args, type: itemType(list.type, node), sent: list.sent } }
  const test = scope.compile(body, inner)
  if (test.type !== 'bool' && test.type !== 'dyn') {
    throw new ConditionError(`expected true or false, found ${typeName(test.type)}`, body)
  }
  const asked = textsIn(body)
  const walk = name === 'exists_one' ? countsOne : (items: Items) => settles(items, name === 'exists')
  return {
    type: 'bool',
    size: list.size + test.size + 1,
    run: (frame) => {
      const value = list.run(frame)
      if (!isKnown(value)) return value
      const items = isObject(value) ? keysOf(value, list.sent ? asked : undefined, frame) : value
      if (items instanceof ConditionFault) return items
      if (!Array.isArray(items)) return NO_LIST
      if (items.length > MAX_ITEMS) return TOO_MANY_ITEMS
      return walk(verdicts(items, test, frame))
    },
  }
}

function itemType(type: Type, node: ASTNode): Type {
  if (type === 'dyn') return 'dyn'
  if (isList(type)) return type.list
  if (isMap(type)) return 'string'
  throw new ConditionError(`expected a list, found ${typeName(type)}`, node)
}

/**
 * Returns the names of a map. It is a fault when a server could read a name that the client sent as another name of the
 * map, or as a text in the condition.
 */
function keysOf(
  map: object,
  asked: readonly string[] | undefined,
  frame: Frame,
): readonly string[] | ConditionFault {
  if (asked === undefined) return namesOf(map, frame)
  const alike = alikeIn(map, frame)
  if (alike) return alike
  for (const text of asked) {
    const variant = variantAt(map, text, frame)
    if (variant) return variant
  }
  return namesOf(map, frame)
}

/** Returns every text that a part of a condition holds. */
function textsIn(node: ASTNode): readonly string[] {
  const text = literalTextOf(node)
  return text === undefined ? partsOf(node).flatMap(textsIn) : [text]
}

type Items = Iterable<unknown>

function* verdicts(items: readonly unknown[], test: Term, frame: Frame): Items {
  for (const item of items) {
    const spent = charge(frame, test.size)
    if (spent) {
      yield spent
      return
    }
    frame.item = item
    yield truth(test.run(frame))
  }
}

/** One true decides `exists`, one false decides `all`. Otherwise unknowns and faults count as in `||` and `&&`. */
function settles(items: Items, settling: boolean): unknown {
  let doubt: unknown
  for (const verdict of items) {
    if (verdict === settling) return settling
    if (verdict === UNKNOWN) doubt = UNKNOWN
    else if (verdict instanceof ConditionFault && doubt !== UNKNOWN) doubt ??= verdict
  }
  return doubt ?? !settling
}

/** Counts the true items of `exists_one`. Since every item counts, a fault is the result. */
function countsOne(items: Items): unknown {
  let count = 0
  let unknown = false
  for (const verdict of items) {
    if (verdict instanceof ConditionFault) return verdict
    if (verdict === UNKNOWN) unknown = true
    if (verdict === true) count += 1
  }
  return unknown ? UNKNOWN : count === 1
}
