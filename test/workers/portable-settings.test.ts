// Settings on their way to a worker: through structured clone, as they go through the channel.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/core/secret.ts'
import type { Settings } from '../../src/core/settings.ts'
import { packSettings, unpackSettings } from '../../src/workers/portable-settings.ts'

const KEY = 'kV9mZ2rQ7wB4nX1tL8pD5sF3hJ6gC0aE'
const YAML = `public_url: https://gate.test
session_key: \${KEY}
admin: { listen: 127.0.0.1:9090, token: "\${TOKEN}" }
scopes_imply: { write: [read] }
issuers:
  own: { embedded: true }
  corp:
    issuer: https://login.test
    allowed_scopes: [read]
    validation: introspection
    introspection: { client_id: g, client_secret: "\${TOKEN}" }
routes:
  - name: notes
    path: /mcp/notes
    upstream: { url: "http://127.0.0.1:1/mcp" }
    upstream_auth: { mode: static, header: authorization, value: "Bearer \${TOKEN}" }
    issuers: [corp]
    limits: { rate: { per_subject: 10/min, per_tool: { purge: 1/min } } }
    policy:
      methods: { "completion/complete": [read] }
      rules: [{ name: all, tools: [list], scopes: [read], when: 'true' }]
`

function settings(): Settings {
  const loaded = parseConfig(YAML, { file: 'gateway.yaml', env: { KEY, TOKEN: 'tok-en' } })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.settings
}

/** Secrets as what they hold, since nothing else shows a difference. */
function shown(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() }
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, shown(each)]))
  if (Array.isArray(value)) return value.map(shown)
  if (value instanceof Set || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each)]))
}

describe('settings arrive as they were', () => {
  test('with maps, sets, secrets and what is undefined', () => {
    const before = settings()
    const after = unpackSettings(structuredClone(packSettings(before)))
    expect(shown(after)).toStrictEqual(shown(before))
    expect(after.sessionKey).toBeInstanceOf(Secret)
    expect(after.issuers).toBeInstanceOf(Map)
    expect(String(after.sessionKey)).toBe('[secret]')
  })

  test('what would not arrive is refused where it stands', () => {
    const strange = { ...settings(), listen: new URL('http://localhost') } as unknown as Settings
    expect(() => packSettings(strange)).toThrow('cannot be handed to a worker')
    const withFunction = { ...settings(), limits: { of: () => 1 } } as unknown as Settings
    expect(() => packSettings(withFunction)).toThrow('functions')
  })

  test('no source makes settings of another kind than these', () => {
    const values = readFileSync(new URL('../../src/core/settings.ts', import.meta.url), 'utf8')
    expect(values).not.toMatch(/: (?:URL|Buffer|Uint8Array|RegExp|Date)\b/)
  })
})
