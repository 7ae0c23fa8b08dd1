// AUTHSEC_* variables → the text of a gateway.yaml that protects the same server. Pure; `import` reads and prints. A
// looser word of AuthSec becomes the strict one that comes nearest, with a comment that says so.

type Variables = Readonly<Record<string, string | undefined>>

export type AuthsecYaml =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string }

/** Older names that the variables have too, by their newer one. */
const ALIASES: Readonly<Record<string, string>> = {
  INTROSPECTION_URL: 'INTROSPECTION_ENDPOINT',
  INTROSPECTION_CLIENT_ID: 'INTROSPECTION_ID',
  INTROSPECTION_CLIENT_SECRET: 'INTROSPECTION_SECRET',
  RESOURCE_URI: 'RESOURCE',
  ISSUER: 'AUTHORIZATION_SERVER',
}

const VALIDATION: Readonly<Record<string, string>> = {
  jwt_only: 'jwt',
  introspection_only: 'introspection',
  jwt_and_introspect: 'jwt_and_introspection',
  jwt_or_introspect: 'jwt_else_introspection # a JWT that fails is never rescued by introspection',
}

const SOURCE: Readonly<Record<string, string>> = {
  remote_required: 'authsec',
  remote_with_local_fallback: 'authsec_else_local',
  local_only: 'local',
  open: 'local # AUTHSEC_POLICY_MODE was open; here nothing is open unless a rule says so',
}

export function authsecYaml(variables: Variables): AuthsecYaml {
  const nameOf = (name: string) => {
    const alias = ALIASES[name]
    const isOld = !variables[`AUTHSEC_${name}`] && alias !== undefined && variables[`AUTHSEC_${alias}`]
    return `AUTHSEC_${isOld ? alias : name}`
  }
  const value = (name: string) => variables[nameOf(name)] || undefined
  const missing = ['ISSUER', 'RESOURCE_URI'].filter((name) => value(name) === undefined)
  if (missing.length > 0)
    return { ok: false, message: `not set: ${missing.map((name) => `AUTHSEC_${name}`).join(', ')}` }
  const resource = value('RESOURCE_URI') ?? ''
  if (!URL.canParse(resource)) return { ok: false, message: 'AUTHSEC_RESOURCE_URI is not an absolute URL' }
  const rules = rulesOf(value('TOOL_SCOPES_JSON'))
  if (rules === undefined)
    return { ok: false, message: 'AUTHSEC_TOOL_SCOPES_JSON is not a map of tools to lists of scopes' }
  return { ok: true, text: textOf({ value, nameOf, resource: new URL(resource), rules }) }
}

interface Parts {
  readonly value: (name: string) => string | undefined
  readonly nameOf: (name: string) => string
  readonly resource: URL
  readonly rules: readonly string[]
}

function textOf(parts: Parts): string {
  const { value, resource } = parts
  const path = resource.pathname.replace(/(?<=.)\/$/, '')
  const name = (value('RESOURCE_NAME') ?? 'authsec')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
  const notes = [
    (value('JWKS_URL') ?? value('JWKS_URI'))
      ? '# AUTHSEC_JWKS_URL is not needed: keys are found through the metadata of the issuer.'
      : undefined,
    value('SUPPORTED_SCOPES')
      ? '# AUTHSEC_SUPPORTED_SCOPES is not needed: a challenge names the scopes of what was called.'
      : undefined,
    value('PUBLISH_MANIFEST')
      ? '# AUTHSEC_PUBLISH_MANIFEST has no counterpart: nothing is published.'
      : undefined,
  ]
  return [
    '# Made from AUTHSEC_* variables. Set `upstream` to where your server listens now.',
    ...notes.filter((note) => note !== undefined),
    `public_url: ${quoted(resource.origin)}`,
    '',
    'issuers:',
    '  authsec:',
    `    issuer: ${quoted(value('ISSUER') ?? '')}`,
    ...issuerLines(parts),
    '',
    'routes:',
    `  - name: ${name.slice(0, 64) || 'authsec'}`,
    `    path: ${quoted(path)}`,
    '    upstream: http://127.0.0.1:3001/mcp',
    '    issuers: [authsec]',
    ...policyLines(parts),
    '',
  ].join('\n')
}

function issuerLines({ value, nameOf }: Parts): string[] {
  const client = value('INTROSPECTION_CLIENT_ID') ?? value('RESOURCE_SERVER_ID')
  const asks = client !== undefined && value('INTROSPECTION_CLIENT_SECRET') !== undefined
  const mode = VALIDATION[value('VALIDATION_MODE') ?? ''] ?? (asks ? 'jwt_and_introspection' : 'jwt')
  if (!asks || mode === 'jwt') return ['    validation: jwt']
  const endpoint = value('INTROSPECTION_URL')
  return [
    `    validation: ${mode}`,
    '    introspection:',
    ...(endpoint === undefined ? [] : [`      endpoint: ${quoted(endpoint)}`]),
    `      client_id: ${quoted(client)}`,
    `      client_secret: \${${nameOf('INTROSPECTION_CLIENT_SECRET')}}`,
  ]
}

function policyLines({ value, nameOf, rules }: Parts): string[] {
  const server = value('RESOURCE_SERVER_ID') ?? value('INTROSPECTION_CLIENT_ID')
  const asked = SOURCE[value('POLICY_MODE') ?? ''] ?? 'local'
  const isRemote =
    asked.startsWith('authsec') && server !== undefined && value('INTROSPECTION_CLIENT_SECRET') !== undefined
  const source = isRemote
    ? asked
    : asked.startsWith('local')
      ? asked
      : 'local # no credentials for AuthSec are set'
  const own = source === 'authsec' || rules.length === 0 ? [] : ['      rules:', ...rules]
  if (!isRemote) return ['    policy:', `      source: ${source}`, ...own]
  const url = URL.canParse(value('ISSUER') ?? '') ? new URL(value('ISSUER') ?? '').origin : ''
  return [
    '    policy:',
    `      source: ${source}`,
    '      authsec:',
    `        url: ${quoted(url)}`,
    `        resource_server: ${quoted(server)}`,
    `        secret: \${${nameOf('INTROSPECTION_CLIENT_SECRET')}}`,
    ...own,
  ]
}

/** One rule for each tool with scopes; a tool without is left out, and so denied. Undefined: not such a map. */
function rulesOf(json: string | undefined): readonly string[] | undefined {
  if (json === undefined) return []
  const map = parsed(json)
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined
  const entries = Object.entries(map as Record<string, unknown>)
  if (
    !entries.every(
      ([, scopes]) => Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string'),
    )
  )
    return undefined
  return entries.flatMap(([tool, scopes]) => {
    const list = (scopes as string[]).map(quoted).join(', ')
    return list === ''
      ? `        # ${quoted(tool)} has no scopes: it was open to every token, and is denied here until a rule names it`
      : `        - { tools: [${quoted(tool)}], scopes: [${list}] }`
  })
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** JSON strings are YAML strings; `${` would name a variable. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', () => '$${')
}
