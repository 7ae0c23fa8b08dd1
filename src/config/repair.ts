// A broken file is looked at twice, so that everything is reported at once: what the schema refused is cut out or
// replaced by a stand-in, and the rest is checked for names, duplicates and shadows. Nothing made here is ever served.
import type { Finding } from '../core/settings.ts'
import { type Path, pattern } from './expansion-sites.ts'
import { type SchemaError, valueAt } from './schema-errors.ts'

/** A rule that speaks of nothing a server could offer, so that no other rule seems shadowed or doubled by it. */
const SILENT_RULE = { effect: 'deny', tools: ['\u{10ffff}'] }

const URL_STAND_IN = 'https://unreadable.invalid'
const ROUTE = { name: 'unreadable-#', path: '/unreadable-#', upstream: URL_STAND_IN, issuers: ['unreadable'] }

/** Required keys, with a value that collides with nothing. `#` becomes the position. */
const STAND_INS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['public_url', URL_STAND_IN],
  ['issuers', {}],
  ['issuers.*', { issuer: URL_STAND_IN }],
  ['issuers.*.issuer', URL_STAND_IN],
  ['issuers.*.introspection.client_id', 'unreadable'],
  ['authorization_server.sign_in.providers.*.client_id', 'unreadable'],
  ['routes', [ROUTE]],
  ['routes.*', ROUTE],
  ['routes.*.name', ROUTE.name],
  ['routes.*.path', ROUTE.path],
  ['routes.*.upstream', ROUTE.upstream],
  ['routes.*.upstream.url', ROUTE.upstream],
  ['routes.*.issuers', ROUTE.issuers],
])
const RULE_DEPTH = 5

/** A copy of `root` without the values that were refused. It may still not fit the schema. */
export function repair(root: unknown, paths: readonly Path[]): unknown {
  const copy = structuredCloneOf(root)
  for (const path of paths) standInAt(copy, path)
  return copy
}

function standInAt(root: unknown, path: Path): void {
  if (path[2] === 'policy' && path[3] === 'rules' && path.length >= RULE_DEPTH) {
    put(root, path.slice(0, RULE_DEPTH), SILENT_RULE)
    return
  }
  const whole = wholeOf(path)
  const standIn = STAND_INS.get(pattern(whole))
  if (standIn !== undefined) put(root, whole, numbered(standIn, path[1]))
  else if (valueAt(root, whole) !== undefined) put(root, whole, undefined)
  // A missing required key removes its map.
  else if (whole.length > 1) standInAt(root, whole.slice(0, -1))
}

function numbered(standIn: unknown, position: string | number | undefined): unknown {
  return JSON.parse(JSON.stringify(standIn).replaceAll('#', String(position ?? 0)))
}

/** One bad member removes its list; lists of maps (routes, rules) stay. */
function wholeOf(path: Path): Path {
  const list = path.findIndex((step, depth) => typeof step === 'number' && depth !== 1)
  return list === -1 ? path : path.slice(0, list)
}

function put(root: unknown, path: Path, value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1))
  const last = path.at(-1)
  if (typeof parent !== 'object' || parent === null || last === undefined) return
  const holder = parent as Record<string | number, unknown>
  if (value === undefined) delete holder[last]
  else holder[last] = value
}

function structuredCloneOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCloneOf)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== null) return value
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, member] of Object.entries(value)) copy[key] = structuredCloneOf(member)
  return copy
}

/** Maps whose keys need each other: when one was removed, the others may seem wrong. */
const ENTANGLED: ReadonlySet<unknown> = new Set(['issuers', 'admin', 'authorization_server'])

/** Tells whether a finding is only about what the repair removed. */
export function consequencesOf(schemaErrors: readonly SchemaError[]): (finding: Finding) => boolean {
  const removed = new Set(schemaErrors.map(({ path }) => keyOf(path)))
  const entangled = new Set(
    schemaErrors.flatMap(({ path }) =>
      path.length > 1 && ENTANGLED.has(path[0]) ? keyOf(path.slice(0, -1)) : [],
    ),
  )
  const lacksIssuers = removed.has(keyOf(['issuers']))
  return ({ path: about }) => {
    if (about.some((_, depth) => removed.has(keyOf(about.slice(0, depth + 1)))) || removed.has(keyOf([])))
      return true
    if (lacksIssuers && about.includes('issuers')) return true
    return (
      about.at(-1) !== 'issuer' && (entangled.has(keyOf(about)) || entangled.has(keyOf(about.slice(0, -1))))
    )
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path)
}
