// AUTHSEC_* variables → the text of a gateway.yaml that protects the same server. Pure; `import` reads and prints. A
// looser word of AuthSec becomes the strict one that comes nearest, with a comment that says so.
import {
  type AuthsecVariables,
  authsecName,
  isAuthsecTrue,
  type PolicyMode,
  policyModeOf,
  type ToolScopes,
  toolScopesIn,
  type ValidationMode,
  validationModeOf,
} from './authsec-values.ts'

export type AuthsecYaml =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string }

const VALIDATION: Readonly<Record<ValidationMode, string>> = {
  jwt_only: 'jwt',
  introspection_only: 'introspection',
  jwt_and_introspect: 'jwt_and_introspection',
  jwt_or_introspect: 'jwt_else_introspection # a JWT that fails is never rescued by introspection',
}

const SOURCE: Readonly<Record<PolicyMode, string>> = {
  remote_required: 'authsec',
  remote_with_local_fallback: 'authsec_else_local',
  local_only: 'local',
  open: "local # AuthSec's SDK opened every tool to every token; here nothing is open unless a rule says so",
}

/** What the SDK does not start without, where the policy is kept at AuthSec. */
const REMOTE = ['RESOURCE_SERVER_ID', 'INTROSPECTION_CLIENT_SECRET']

export function authsecYaml(variables: AuthsecVariables): AuthsecYaml {
  const nameOf = (name: string) => authsecName(variables, name)
  const value = (name: string) => variables[nameOf(name)] || undefined
  const unset = (names: readonly string[]) => names.filter((name) => value(name) === undefined)
  const missing = unset(['ISSUER', 'RESOURCE_URI'])
  if (missing.length > 0) return refused(`not set: ${listed(missing)}`)
  const resource = value('RESOURCE_URI') ?? ''
  if (!URL.canParse(resource)) return refused('AUTHSEC_RESOURCE_URI is not an absolute URL')
  const tools = toolScopesIn(value('TOOL_SCOPES_JSON'))
  if (tools === undefined) return refused('AUTHSEC_TOOL_SCOPES_JSON is not a map of tools to lists of scopes')
  const mode = policyModeOf(value('POLICY_MODE'), {
    server: (value('RESOURCE_SERVER_ID') ?? '').trim() !== '',
    toolScopes: tools.length > 0,
  })
  const needed = mode.startsWith('remote') ? unset(REMOTE) : []
  if (needed.length > 0)
    return refused(`${mode} is the policy mode, which needs ${listed(needed)}; or set AUTHSEC_POLICY_MODE`)
  return {
    ok: true,
    text: textOf({ value, nameOf, resource: new URL(resource), mode, rules: rulesOf(tools) }),
  }
}

function refused(message: string): AuthsecYaml {
  return { ok: false, message }
}

function listed(names: readonly string[]): string {
  return names.map((name) => `AUTHSEC_${name}`).join(', ')
}

interface Parts {
  readonly value: (name: string) => string | undefined
  readonly nameOf: (name: string) => string
  readonly resource: URL
  readonly mode: PolicyMode
  readonly rules: readonly string[]
}

function textOf(parts: Parts): string {
  const { value, resource } = parts
  const path = resource.pathname.replace(/(?<=.)\/$/, '')
  const name = (value('RESOURCE_NAME') ?? 'authsec')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
  const notes = [
    value('JWKS_URL')
      ? '# AUTHSEC_JWKS_URL is not needed: keys are found through the metadata of the issuer.'
      : undefined,
    value('SUPPORTED_SCOPES')
      ? '# AUTHSEC_SUPPORTED_SCOPES is not needed: a challenge names the scopes of what was called.'
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
  const endpoint = value('INTROSPECTION_URL')
  const keys = value('JWKS_URL') !== undefined || endpoint === undefined // else both are found by metadata
  const introspection = endpoint !== undefined || (value('JWKS_URL') === undefined && asks)
  const mode = VALIDATION[validationModeOf(value('VALIDATION_MODE'), { keys, introspection })]
  if (!asks || mode === 'jwt') return ['    validation: jwt']
  return [
    `    validation: ${mode}`,
    '    introspection:',
    ...(endpoint === undefined ? [] : [`      endpoint: ${quoted(endpoint)}`]),
    `      client_id: ${quoted(client)}`,
    `      client_secret: \${${nameOf('INTROSPECTION_CLIENT_SECRET')}}`,
  ]
}

function policyLines({ value, nameOf, mode, rules }: Parts): string[] {
  const heading = rules.some((rule) => rule.includes('- {')) ? ['      rules:'] : []
  const own = mode === 'remote_required' ? [] : [...heading, ...rules]
  const source = ['    policy:', `      source: ${SOURCE[mode]}`]
  if (!mode.startsWith('remote')) return [...source, ...own]
  const server = value('RESOURCE_SERVER_ID') ?? ''
  const client = value('INTROSPECTION_CLIENT_ID') ?? server
  const url = (value('AUTHORIZATION_SERVER') ?? value('ISSUER') ?? '').replace(/\/+$/, '')
  return [
    ...source,
    '      authsec:',
    `        url: ${quoted(url)}`,
    `        resource_server: ${quoted(server)}`,
    ...(client === server ? [] : [`        client_id: ${quoted(client)}`]),
    `        secret: \${${nameOf('INTROSPECTION_CLIENT_SECRET')}}`,
    ...publishLines(value),
    ...own,
  ]
}

function publishLines(value: Parts['value']): string[] {
  if (!isAuthsecTrue(value('PUBLISH_MANIFEST'))) return []
  const suggested = (toolScopesIn(value('TOOL_SCOPE_SUGGESTIONS_JSON')) ?? []).flatMap(
    ([tool, scopes = []]) =>
      scopes.length === 0 ? [] : [`          ${quoted(tool)}: [${scopes.map(quoted).join(', ')}]`],
  )
  return [
    '        publish_manifest: true',
    ...(suggested.length === 0 ? [] : ['        suggested_scopes:', ...suggested]),
  ]
}

/** One rule for each tool with scopes; a tool without is left out, and so denied. */
function rulesOf(tools: ToolScopes): readonly string[] {
  return tools.map(([tool, scopes]) => {
    if (scopes === undefined) return `        # ${quoted(tool)} has scopes that are no list: it is denied`
    const list = scopes.map(quoted).join(', ')
    return list === ''
      ? `        # ${quoted(tool)} has no scopes: it was open to every token, and is denied here until a rule names it`
      : `        - { tools: [${quoted(tool)}], scopes: [${list}] }`
  })
}

/** JSON strings are YAML strings; `${` would name a variable. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', () => '$${')
}
