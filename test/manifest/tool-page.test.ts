// Pages of tools (MCP Apps): `suggest` proposes to open them, and `check --upstream` tells of an open tool whose page is not.
import { expect, test } from 'vitest'
import { formatCoverage } from '../../src/cli/policy/check-upstream.ts'
import { coverageOf } from '../../src/cli/policy/upstream-coverage.ts'
import type { RouteSettings } from '../../src/core/settings.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'
import { suggestRules } from '../../src/manifest/suggest.ts'
import { toolPages } from '../../src/manifest/tool-page.ts'

const PAGE = 'ui://notes/view.html'
const TOOLS = [
  { name: 'get_note', _meta: { ui: { resourceUri: PAGE } } },
  { name: 'old_note', _meta: { 'ui/resourceUri': 'ui://notes/old.html' } },
  { name: 'plain', _meta: { ui: { visibility: ['app'] } } },
  { name: 'odd', _meta: { ui: { resourceUri: 7 } } },
  { name: 'none', _meta: null },
]
const server = { name: 's', version: '1' }
const live = manifestOf({ server, tools: TOOLS, prompts: [], resources: [], templates: [] })

test('the page of a tool stands in its _meta, nested or flat', () => {
  expect(toolPages(TOOLS)).toEqual([
    { tool: 'get_note', uri: PAGE },
    { tool: 'old_note', uri: 'ui://notes/old.html' },
  ])
})

test('D3: suggest opens the pages with the scope for reading', () => {
  const rule = suggestRules(live, 'notes', toolPages(TOOLS)).at(-1)
  expect(rule).toMatchObject({ name: 'resources', resources: ['ui://**'], scopes: ['notes:read'] })
})

const rule = (over: object) => ({
  effect: 'allow',
  tools: [],
  prompts: [],
  resources: [],
  except: [],
  ...over,
})
const route = (rules: readonly object[], fallback = 'deny') =>
  ({ name: 'notes', policy: { default: fallback, rules } }) as unknown as RouteSettings
const tools = rule({ name: 't', tools: ['get_note'] })

test('D7: a pattern for pages that no resource list has is not stale', () => {
  const settings = route([tools, rule({ name: 'r', resources: ['ui://**'] })])
  expect(coverageOf(settings, live, toolPages(TOOLS)).stale).toEqual([])
})

test.each([
  ['no rule for it', route([tools]), true],
  ['a deny rule', route([tools, rule({ name: 'd', effect: 'deny', resources: ['ui://**'] })], 'allow'), true],
  ['a rule for it', route([tools, rule({ name: 'r', resources: ['ui://**'] })]), false],
  ['everything open', route([], 'allow'), false],
  ['the tool closed too', route([rule({ name: 'x', tools: ['plain'] })]), false],
])('D7: check tells of the page: %s', (_what, settings, told) => {
  const text = formatCoverage(coverageOf(settings, live, toolPages(TOOLS)))
  expect(text.includes(`tool get_note is open, its page ${PAGE} is not`)).toBe(told)
})
