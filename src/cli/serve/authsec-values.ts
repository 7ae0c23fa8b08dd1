// AUTHSEC_* variables, read as AuthSec's SDKs read them: older names, words in any case, lists written as text. Decides
// nothing about what the gateway makes of them.
import { membersOf, parseJson } from '../../lib/json.ts'

export type AuthsecVariables = Readonly<Record<string, string | undefined>>

export type PolicyMode = 'remote_required' | 'remote_with_local_fallback' | 'local_only' | 'open'
export type ValidationMode = 'jwt_only' | 'introspection_only' | 'jwt_and_introspect' | 'jwt_or_introspect'

/** Older names that the variables have too, by their newer one. */
const ALIASES: Readonly<Record<string, string>> = {
  JWKS_URL: 'JWKS_URI',
  INTROSPECTION_URL: 'INTROSPECTION_ENDPOINT',
  INTROSPECTION_CLIENT_ID: 'INTROSPECTION_ID',
  INTROSPECTION_CLIENT_SECRET: 'INTROSPECTION_SECRET',
  RESOURCE_URI: 'RESOURCE',
  ISSUER: 'AUTHORIZATION_SERVER',
}

/** The name of the variable that is set, without `AUTHSEC_` in `name`. */
export function authsecName(variables: AuthsecVariables, name: string): string {
  const alias = ALIASES[name]
  const isOld = !variables[`AUTHSEC_${name}`] && alias !== undefined && variables[`AUTHSEC_${alias}`]
  return `AUTHSEC_${isOld ? alias : name}`
}

const POLICY_WORDS: Readonly<Record<string, PolicyMode>> = {
  remote_required: 'remote_required',
  enforce: 'remote_required',
  remote_with_local_fallback: 'remote_with_local_fallback',
  local_only: 'local_only',
  open: 'open',
  observe: 'open',
}

/** Unset or unknown: remote where the server has an id, local where scopes are named, else open. */
export function policyModeOf(
  word: string | undefined,
  has: { readonly server: boolean; readonly toolScopes: boolean },
): PolicyMode {
  const said = POLICY_WORDS[normal(word)]
  if (said !== undefined) return said
  if (has.server) return 'remote_required'
  return has.toolScopes ? 'local_only' : 'open'
}

const VALIDATION_WORDS: ReadonlySet<string> = new Set<ValidationMode>([
  'jwt_only',
  'introspection_only',
  'jwt_and_introspect',
  'jwt_or_introspect',
])

/** Unset, `auto` or unknown: the mode that the configured endpoints allow. */
export function validationModeOf(
  word: string | undefined,
  has: { readonly keys: boolean; readonly introspection: boolean },
): ValidationMode {
  const said = normal(word)
  if (VALIDATION_WORDS.has(said)) return said as ValidationMode
  if (has.keys && has.introspection) return 'jwt_and_introspect'
  return has.keys ? 'jwt_only' : 'introspection_only'
}

export function isAuthsecTrue(word: string | undefined): boolean {
  return ['1', 'true', 'yes'].includes(normal(word))
}

function normal(word: string | undefined): string {
  return (word ?? '').trim().toLowerCase()
}

/** Tool → its scopes; undefined for a tool whose scopes are of another kind. Undefined: not such a map. */
export type ToolScopes = readonly (readonly [tool: string, scopes: readonly string[] | undefined])[]

export function toolScopesIn(json: string | undefined): ToolScopes | undefined {
  if (json === undefined || json.trim() === '') return []
  const map = membersOf(parseJson(json))
  if (map === undefined) return undefined
  return Object.entries(map).map(([tool, scopes]) => [
    tool,
    typeof scopes === 'string' ? listIn(scopes) : textsIn(scopes),
  ])
}

/** A JSON list, or names between commas and spaces. */
function listIn(text: string): readonly string[] {
  const list = text.trim().startsWith('[') ? textsIn(parseJson(text)) : undefined
  return list ?? text.split(/[\s,]+/).filter((name) => name !== '')
}

function textsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return undefined
  return (value as readonly string[]).filter((item) => item !== '')
}
