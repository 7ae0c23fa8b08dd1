// Holds an event against the OCSF schema (1.8.0, by scripts/record-ocsf.mjs): names, required members, types, enumerations and
// constraints, in objects too. An empty list says that it fits.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'

interface Attribute {
  readonly requirement: string
  readonly type: string
  readonly is_array?: true
  readonly values?: readonly string[]
  readonly profile?: string
}

interface Shape {
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] }
}

interface OcsfSchema {
  readonly version: string
  readonly classes: Readonly<
    Record<string, Shape & { readonly class_uid: number; readonly category_uid: number }>
  >
  readonly objects: Readonly<Record<string, Shape>>
  readonly types: Readonly<
    Record<string, { readonly base: string; readonly max_len?: number; readonly regex?: string }>
  >
}

export const SCHEMA = JSON.parse(readFileSync(new URL('schema.json', import.meta.url), 'utf8')) as OcsfSchema

type Members = Readonly<Record<string, unknown>>

export function schemaFaults(event: Members): string[] {
  const found = Object.values(SCHEMA.classes).find(({ class_uid: uid }) => uid === event['class_uid'])
  if (found === undefined) return [`class_uid: ${String(event['class_uid'])} is no class`]
  const { profiles = [], version } = (event['metadata'] ?? {}) as { profiles?: string[]; version?: string }
  return [
    ...(event['category_uid'] === found.category_uid ? [] : ['category_uid: of another class']),
    ...(event['type_uid'] === found.class_uid * 100 + Number(event['activity_id'])
      ? []
      : ['type_uid: of another activity']),
    ...(version === SCHEMA.version ? [] : [`metadata.version: ${String(version)}`]),
    ...faultsOf(event, found, '', profiles),
  ]
}

function faultsOf(
  value: Members,
  { attributes, constraints = {} }: Shape,
  at: string,
  profiles: readonly string[],
): string[] {
  const isThere = (name: string) => value[name] !== undefined
  const { at_least_one: oneOf = [], just_one: justOne = [] } = constraints
  const missing = Object.entries(attributes).filter(
    ([name, { requirement }]) => requirement === 'required' && !isThere(name),
  )
  return [
    ...missing.map(([name]) => `${at}${name}: missing`),
    ...(oneOf.length > 0 && !oneOf.some(isThere) ? [`${at}: needs one of ${oneOf.join(', ')}`] : []),
    ...(justOne.length > 0 && justOne.filter(isThere).length !== 1
      ? [`${at}: needs just one of ${justOne.join(', ')}`]
      : []),
    ...Object.entries(value).flatMap(([name, member]) =>
      memberFaults(attributes[name], member, `${at}${name}`, profiles),
    ),
  ]
}

function memberFaults(
  attribute: Attribute | undefined,
  value: unknown,
  at: string,
  profiles: readonly string[],
): string[] {
  if (value === undefined) return []
  if (attribute === undefined) return [`${at}: no such attribute`]
  const { profile, is_array: isArray = false, values } = attribute
  if (profile !== undefined && !profiles.includes(profile))
    return [`${at}: of the profile ${profile}, which is not named`]
  if (Array.isArray(value) !== isArray) return [`${at}: ${isArray ? 'no list' : 'a list'}`]
  return [value]
    .flat()
    .flatMap((one) => [
      ...(values === undefined || values.includes(String(one))
        ? []
        : [`${at}: ${String(one)} is not in the enumeration`]),
      ...typeFaults(attribute.type, one, at, profiles),
    ])
}

function typeFaults(type: string, value: unknown, at: string, profiles: readonly string[]): string[] {
  const shape = SCHEMA.objects[type]
  if (shape !== undefined) {
    if (typeof value !== 'object' || value === null) return [`${at}: no object`]
    return type === 'object' ? [] : faultsOf(value as Members, shape, `${at}.`, profiles)
  }
  const { base, max_len: longest, regex } = SCHEMA.types[type] ?? { base: 'unknown' }
  const isNumber = base === 'integer_t' || base === 'long_t'
  if (isNumber) return Number.isSafeInteger(value) ? [] : [`${at}: no integer`]
  if (base === 'boolean_t') return typeof value === 'boolean' ? [] : [`${at}: no boolean`]
  if (base !== 'string_t' || typeof value !== 'string') return [`${at}: not of type ${type}`]
  if (type === 'ip_t') return isIP(value) > 0 ? [] : [`${at}: no address`]
  const fits =
    (longest === undefined || value.length <= longest) &&
    (regex === undefined || new RegExp(regex).test(value))
  return fits ? [] : [`${at}: ${value} is no ${type}`]
}
