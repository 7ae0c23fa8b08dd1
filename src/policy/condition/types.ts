// The types that conditions are checked with at load. Numbers are one type: JSON has no other, and a comparison of
// 5 with 5.0 must not depend on how it was written.

export type Type =
  | 'bool'
  | 'number'
  | 'string'
  | 'null'
  | 'timestamp'
  | 'dyn'
  | { readonly list: Type }
  /** A map with string keys that are known only at evaluation. */
  | { readonly map: Type }
  /** Fields that are known at load; anything else is a mistake in the file. */
  | { readonly fields: ReadonlyMap<string, Type> }

export function isList(type: Type): type is { readonly list: Type } {
  return typeof type === 'object' && 'list' in type
}

export function isMap(type: Type): type is { readonly map: Type } {
  return typeof type === 'object' && 'map' in type
}

export function hasFields(type: Type): type is { readonly fields: ReadonlyMap<string, Type> } {
  return typeof type === 'object' && 'fields' in type
}

/** Whether a value of one type may turn out to be of the other. */
export function mayBe(type: Type, other: Type): boolean {
  if (type === 'dyn' || other === 'dyn') return true
  if (isList(type) && isList(other)) return mayBe(type.list, other.list)
  if (isMap(type) && isMap(other)) return mayBe(type.map, other.map)
  return type === other
}

/** The type of a value that is of either type. */
export function either(type: Type, other: Type): Type {
  if (typeof type === 'string') return type === other ? type : 'dyn'
  if (isList(type) && isList(other)) return { list: either(type.list, other.list) }
  return 'dyn'
}

const NAMES: Readonly<Record<string, string>> = {
  bool: 'true or false',
  number: 'a number',
  string: 'text',
  null: 'null',
  timestamp: 'a timestamp',
  dyn: 'anything',
}

export function typeName(type: Type): string {
  if (typeof type === 'string') return NAMES[type] ?? type
  return isList(type) ? 'a list' : 'a map'
}
