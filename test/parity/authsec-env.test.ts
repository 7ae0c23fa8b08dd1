// AUTHSEC_* variables, as AuthSec's Python SDK read them (recordings/authsec-sdk.json), and the gateway.yaml that
// `import authsec-env` makes of the same: the same modes and names, and nothing open that rules do not open.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { authsecYaml } from '../../src/cli/serve/authsec-yaml.ts'
import { parseConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import type { RouteSettings, Settings } from '../../src/core/settings.ts'

interface SdkConfig {
  readonly policy_mode: string
  readonly validation_mode: string
  readonly tool_scopes: Readonly<Record<string, readonly string[]>> | null
  readonly authorization_server: string
  readonly introspection_client_id: string
}

interface Recording {
  readonly version: string
  readonly environments: readonly {
    readonly name: string
    readonly env: Readonly<Record<string, string>>
    readonly sdk: SdkConfig
  }[]
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`recordings/${name}`, import.meta.url), 'utf8'))
}

const { version, environments } = read('authsec-sdk.json') as Recording
const { base } = read('authsec-cases.json') as { readonly base: Readonly<Record<string, string>> }

const VALIDATION: Readonly<Record<string, string>> = {
  jwt_only: 'jwt',
  introspection_only: 'introspection',
  jwt_and_introspect: 'jwt_and_introspection',
  jwt_or_introspect: 'jwt_else_introspection',
}

function imported(over: Readonly<Record<string, string>>): Settings {
  const env = Object.fromEntries(
    Object.entries({ ...base, ...over }).map(([name, value]) => [`AUTHSEC_${name}`, value]),
  )
  const made = authsecYaml(env)
  if (!made.ok) throw new Error(made.message)
  const loaded = parseConfig(made.text, { file: 'gateway.yaml', env })
  if (!loaded.ok) throw new Error(`${made.text}\n${loaded.problems.map(renderProblem).join('\n')}`)
  return loaded.settings
}

function expectPolicy({ policy }: RouteSettings, sdk: SdkConfig): void {
  const { remote, rules } = policy
  const orLocal = sdk.policy_mode === 'remote_with_local_fallback'
  if (!sdk.policy_mode.startsWith('remote')) expect(remote).toBeUndefined()
  else
    expect(remote).toMatchObject({
      ...{ url: sdk.authorization_server.replace(/\/$/, ''), resourceServer: 'rs-1', orLocal },
      clientId: sdk.introspection_client_id,
    })
  const named = Object.entries(sdk.tool_scopes ?? {}).filter(([, scopes]) => scopes.length > 0)
  expect(rules.map(({ tools, scopes }) => [tools[0], scopes])).toEqual(
    sdk.policy_mode === 'remote_required' ? [] : named.map(([tool, any]) => [tool, { any }]),
  )
  expect(policy.default).toBe('deny')
}

describe(`AUTHSEC_*, read by authsec-sdk ${version} and imported here`, () => {
  test.each(environments)('$name', ({ env, sdk }) => {
    const { issuers, routes } = imported(env)
    const issuer = issuers.get('authsec')
    expect(issuer?.validation).toBe(VALIDATION[sdk.validation_mode])
    if (sdk.validation_mode !== 'jwt_only')
      expect(issuer?.introspection?.clientId).toBe(sdk.introspection_client_id)
    expectPolicy(routes[0] as RouteSettings, sdk)
  })
})
