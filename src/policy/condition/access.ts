// Reads fields and items: `args.path`, `args["path"]`, `args.list[0]`, `has(args.path)`. It reads own members of plain
// objects only (M09). A missing field is a fault, never a default.
import type { ASTNode } from '@marcbachmann/cel-js'
import { foldMember, variantAt, variantOf } from './folding.ts'
import { ConditionFault, isKnown, unsettled } from './outcome.ts'
import { ConditionError, type Scope, type Term } from './term.ts'
import { hasFields, isList, isMap, type Type, typeName } from './types.ts'
import { isObject } from './value.ts'

type Place = { readonly start: number; readonly end: number }

const NOT_A_MAP = new ConditionFault('a field of a value that is not a map')
const NO_ITEM = new ConditionFault('no such item')

export function select(holder: Term, field: string, place: Place): Term {
  const missing = new ConditionFault(`no field \`${field}\``)
  const folded = foldMember(field)
  return {
    type: fieldType(holder.type, field, place),
    sent: holder.sent,
    size: holder.size + 1,
    run: (frame) => {
      const value = holder.run(frame)
      if (!isKnown(value)) return value
      if (!isObject(value)) return NOT_A_MAP
      const variant = holder.sent ? variantOf(value, field, folded, frame) : undefined
      return variant ?? (Object.hasOwn(value, field) ? value[field] : missing)
    },
  }
}

function fieldType(type: Type, field: string, place: Place): Type {
  if (type === 'dyn') return 'dyn'
  if (isMap(type)) return type.map
  if (!hasFields(type)) throw new ConditionError(`${typeName(type)} has no field \`${field}\``, place)
  const found = type.fields.get(field)
  if (found !== undefined) return found
  if (field === 'scopes') {
    throw new ConditionError('conditions do not see scopes; write them under `scopes` of the rule', place)
  }
  const known = [...type.fields.keys()].join(', ')
  throw new ConditionError(`there is no field \`${field}\` here; expected one of ${known}`, place)
}

/** `has(a.b)`: whether the field is there; a fault when `a` itself is not. */
export function has(node: ASTNode, scope: Scope): Term {
  if (node.op !== '.') throw new ConditionError('`has` takes a field, as in `has(args.path)`', node)
  const [holderNode, field] = node.args
  const holder = scope.compile(holderNode, scope)
  fieldType(holder.type, field, node)
  const folded = foldMember(field)
  return {
    type: 'bool',
    size: holder.size + 1,
    run: (frame) => {
      const value = holder.run(frame)
      if (!isKnown(value)) return value
      if (!isObject(value)) return NOT_A_MAP
      const variant = holder.sent ? variantOf(value, field, folded, frame) : undefined
      return variant ?? Object.hasOwn(value, field)
    },
  }
}

export function index(holder: Term, key: Term, place: Place): Term {
  if (typeof key.literal === 'string' && !isList(holder.type)) return select(holder, key.literal, place)
  return {
    type: itemType(holder.type, key.type, place),
    sent: holder.sent,
    size: holder.size + key.size + 1,
    run: (frame) => {
      const [value, at] = [holder.run(frame), key.run(frame)]
      if (!isKnown(value) || !isKnown(at)) return unsettled(value, at)
      return (holder.sent ? variantAt(value, at, frame) : undefined) ?? itemOf(value, at)
    },
  }
}

function itemType(type: Type, key: Type, place: Place): Type {
  if (type === 'dyn' && (key === 'dyn' || key === 'string' || key === 'number')) return 'dyn'
  if (isList(type) && (key === 'number' || key === 'dyn')) return type.list
  if (isMap(type) && (key === 'string' || key === 'dyn')) return type.map
  throw new ConditionError(`${typeName(type)} has no item at ${typeName(key)}`, place)
}

function itemOf(value: unknown, at: unknown): unknown {
  if (Array.isArray(value)) {
    return typeof at === 'number' && Number.isInteger(at) && at >= 0 && at < value.length
      ? value[at]
      : NO_ITEM
  }
  return isObject(value) && typeof at === 'string' && Object.hasOwn(value, at) ? value[at] : NO_ITEM
}
