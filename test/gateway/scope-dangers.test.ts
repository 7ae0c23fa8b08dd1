// What the consent page warns of: the worst that the tools behind a scope do, by the rules of the route. A scope that
// only reads has no warning, and one that deletes has never less.
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { scopeDangers } from '../../src/gateway/scope-dangers.ts'
import { judgeTool } from '../../src/manifest/tool-danger.ts'

const TOOLS = ['list_notes', 'search_notes', 'create_note', 'update_note', 'purge_note', 'run_command'].map(
  (name) => judgeTool({ name, definition: {} }),
)

function dangersOf(policy: string, tools: typeof TOOLS | undefined, scopes = '[notes:read]') {
  const text = `
public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
issuers: { corp: { issuer: https://login.example.com } }
routes:
  - { name: notes, path: /notes/mcp, upstream: http://127.0.0.1:1/mcp, issuers: [corp]${scopes === '' ? '' : `, scopes: ${scopes}`}, policy: ${policy} }
`
  const loaded = parseConfig(text, { file: 'gateway.yaml', env: {} })
  const route = loaded.ok ? loaded.settings.routes[0] : undefined
  if (route === undefined) throw new Error(JSON.stringify(loaded))
  return Object.fromEntries(scopeDangers(route, tools))
}

const README = `{ rules: [{ name: reading, tools: [list_notes, "search_*"] }, { name: writing, tools: ["*_note"], except: [purge_note], scopes: [notes:write] }, { name: purge, tools: [purge_note], scopes: { all: [notes:write, notes:admin] } }] }`

test.each([
  ['the policy of README.md', README, TOOLS, { 'notes:write': 'writing', 'notes:admin': 'destructive' }],
  ['the same, by its rules alone', README, undefined, { 'notes:admin': 'destructive' }],
  ['everything is open', '{ default: allow }', TOOLS, { 'notes:read': 'sensitive' }],
  ['a deny rule opens nothing', '{ rules: [{ effect: deny, tools: ["*"] }] }', TOOLS, {}],
  [
    'any of two scopes opens it',
    '{ rules: [{ tools: [purge_note], scopes: [a, b] }] }',
    TOOLS,
    { a: 'destructive', b: 'destructive' },
  ],
  ['a pattern for everything says nothing by itself', '{ rules: [{ tools: ["*"] }] }', undefined, {}],
  ['what only reads', '{ rules: [{ tools: [list_notes] }] }', TOOLS, {}],
])('%s', (_what, policy, tools, dangers) => {
  expect(dangersOf(policy, tools)).toEqual(dangers)
})

test('a route without scopes: under the empty word', () => {
  expect(dangersOf('{ rules: [{ tools: [create_note] }] }', TOOLS, '')).toEqual({ '': 'writing' })
})

test('annotations count: a tool that says it destroys is believed', () => {
  const tool = judgeTool({ name: 'tidy', definition: { annotations: { destructiveHint: true } } })
  expect(dangersOf('{ rules: [{ tools: [tidy], scopes: [x] }] }', [tool])).toEqual({ x: 'destructive' })
})
