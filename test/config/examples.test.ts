// Y28: every file that is given to users loads without a problem, and so does the long example below.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type LoadedConfig, loadConfig, parseConfig } from '../../src/config/load.ts'

const root = new URL('../../', import.meta.url)
const env = {
  ...{
    INTROSPECTION_SECRET: 'a',
    KEYCLOAK_CLIENT_SECRET: 'b',
    HYDRA_ADMIN_SECRET: 'c',
    AUTHENTIK_CLIENT_SECRET: 'd',
    AUTHSEC_INTROSPECTION_SECRET: 'e',
  },
  ...{ ADMIN_TOKEN: 'e', SESSION_KEY: 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T', NEXT: 'f' },
}
const presets = readdirSync(new URL('config/', root)).filter((name) => name.endsWith('.yaml'))
const at = (path: string): LoadedConfig => loadConfig({ file: new URL(path, root).pathname, env })

describe('Y28 files for users', () => {
  it('there is a preset for each provider', () => {
    expect(presets.sort()).toEqual(
      [
        'auth0',
        'authentik',
        'authsec',
        'cognito',
        'entra',
        'google',
        'hydra',
        'keycloak',
        'mcp-oauth-server',
        'oidc-provider',
        'okta',
        'spring-authorization-server',
        'wacht',
        'workos',
      ].map((name) => `${name}.yaml`),
    )
  })

  it.each(presets.map((name) => `config/${name}`).concat('gateway.example.yaml'))(
    '%s loads and is safe',
    (path) => {
      const loaded = at(path)
      expect(loaded).toMatchObject({ ok: true, warnings: [] })
      if (!loaded.ok) return
      expect(loaded.settings.listen.host).toBe('127.0.0.1')
      expect(loaded.settings.routes.map(({ policy }) => [policy.default, policy.anonymous])).toEqual([
        ['deny', []],
      ])
    },
  )

  it('gateway.example.yaml asks the issuer about opaque tokens only', () => {
    const loaded = at('gateway.example.yaml')
    expect(loaded.ok && loaded.settings.issuers.get('corp')?.validation).toBe('jwt_else_introspection')
  })

  it.each(presets)('%s says what its provider does differently', (name) => {
    expect(readFileSync(new URL(`config/${name}`, root), 'utf8')).toMatch(/does differently|cannot work/)
  })
})

/** Most keys at once; files that need not exist are left out. */
const CONTRACT = `
public_url: https://mcp.example.com        # what clients type; nothing is ever derived from Host
listen: 127.0.0.1:8080                     # default
admin: { listen: 127.0.0.1:9090, token: "\${ADMIN_TOKEN}" }
allowed_hosts: []
allowed_origins: []
trusted_proxies: []
session_key: \${SESSION_KEY}
audit: { file: stdout, required: false }
scopes_imply: { notes:admin: [notes:write], notes:write: [notes:read] }

issuers:
  corp:
    issuer: https://login.example.com/realms/acme
    validation: jwt_else_introspection
    algorithms: [RS256, PS256, ES256, EdDSA]
    typ: any
    leeway: 5s
    claims: { subject: sub, scopes: [scope, scp], client: [client_id, azp], roles: realm_access.roles }
    introspection:
      endpoint: https://login.example.com/introspect
      auth: basic
      client_id: portcullis
      client_secret: \${INTROSPECTION_SECRET}
      client_secret_next: \${NEXT}
      audience: required
      cache: { ttl: 30s, negative_ttl: 5s, max_entries: 10000 }
  dev: { issuer: http://127.0.0.1:9000, allow_insecure_issuer: true }

routes:
  - name: notes
    path: /notes/mcp
    upstream: { url: http://127.0.0.1:3001/mcp, transport: http, connect_timeout: 3s, timeout: 60s, idle_timeout: 10m }
    issuers: [corp]
    audience: [https://mcp.example.com/notes/mcp]
    scopes: [notes:read]
    dpop: accept
    legacy_discovery: false
    policy:
      default: deny
      listing: allowed
      denial: http
      anonymous: []
      methods: { custom/thing: [notes:read] }
      rules:
        - { name: reading, tools: [list_notes, "search_*"], scopes: [notes:read] }
        - { name: writing, tools: ["*_note"], except: [purge_note], scopes: [notes:write] }
        - { name: purge, tools: [purge_note], scopes: { all: [notes:write, notes:admin] }, require_active: true }
        - { prompts: ["*"], scopes: [notes:read] }
        - { resources: ["notes://**", "file:///srv/notes/**"], scopes: [notes:read] }
    limits: { body: 4MiB, streams_per_subject: 20, rate: { per_subject: 600/min, per_tool: { purge_note: 1/min }, failed_auth_per_address: 30/min } }
    upstream_auth: { mode: none }
    identity: { prefix: x-mcp- }
`

describe('the contract', () => {
  it('section 2 loads as it stands', () => {
    const loaded = parseConfig(CONTRACT, { file: 'gateway.yaml', env })
    expect(loaded).toMatchObject({ ok: true, warnings: [] })
    if (!loaded.ok) return
    expect(loaded.settings.scopesImply).toEqual(
      new Map([
        ['notes:admin', ['notes:write']],
        ['notes:write', ['notes:read']],
      ]),
    )
    expect(loaded.settings.routes[0]?.policy.rules.map((rule) => rule.name)).toEqual([
      'reading',
      'writing',
      'purge',
      'rules[3]',
      'rules[4]',
    ])
    expect(loaded.settings.routes[0]?.policy.methods).toEqual(
      new Map([['custom/thing', { any: ['notes:read'] }]]),
    )
  })
})
