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

const OPTIONS = {
  pages: toolPages(TOOLS),
  scopesImply: new Map([['notes:admin', ['notes:read', 'notes:write']]]),
}

const rule = (over: object) => ({
  effect: 'allow',
  mode: 'enforce',
  tools: [],
  prompts: [],
  resources: [],
  except: [],
  ...over,
})
const route = (rules: readonly object[], fallback = 'deny') =>
  ({ name: 'notes', scopes: ['notes:use'], policy: { default: fallback, rules } }) as unknown as RouteSettings
const tools = rule({ name: 't', tools: ['get_note'] })

test('D7: a pattern for pages that no resource list has is not stale', () => {
  const settings = route([tools, rule({ name: 'r', resources: ['ui://**'] })])
  expect(coverageOf(settings, live, OPTIONS).stale).toEqual([])
})

test.each([
  ['no rule for it', route([tools]), true],
  ['a deny rule', route([tools, rule({ name: 'd', effect: 'deny', resources: ['ui://**'] })], 'allow'), true],
  ['a rule for it', route([tools, rule({ name: 'r', resources: ['ui://**'] })]), false],
  ['everything open', route([], 'allow'), false],
  ['the tool closed too', route([rule({ name: 'x', tools: ['plain'] })]), false],
])('D7: check tells of the page: %s', (_what, settings, told) => {
  const text = formatCoverage(coverageOf(settings, live, OPTIONS))
  expect(/tool get_note is open by rule \w+, its page \S+ is not/.test(text)).toBe(told)
})

const read = rule({ name: 'r', resources: ['ui://**'], scopes: 'notes:read' })
const staff = { groups: { claim: 'groups', any: ['staff'] } }
const guests = rule({ name: 'g', effect: 'deny', resources: ['ui://**'], who: { subjects: ['guest'] } })
const ofAll = (over: object) => rule({ name: 'all', tools: ['get_note'], resources: ['ui://**'], ...over })

test.each<readonly [string, readonly object[], RegExp | undefined]>([
  ['without scopes', [tools, read], /needs also the scope notes:read\n/],
  ['with other scopes', [rule({ ...tools, scopes: 'notes:write' }), read], /also the scope notes:read\n/],
  ['with one of two', [rule({ ...tools, scopes: { any: ['notes:read', 'x'] } }), read], /scope notes:read\n/],
  ['with the same', [rule({ ...tools, scopes: 'notes:read' }), read], undefined],
  ['with one that implies it', [rule({ ...tools, scopes: 'notes:admin' }), read], undefined],
  ['with what the route needs', [tools, rule({ ...read, scopes: 'notes:use' })], undefined],
  [
    'the fewest of several',
    [tools, rule({ ...read, name: 'a', scopes: { all: ['x', 'y'] } }), read],
    /scope notes:read\n/,
  ],
  ['a page for some', [tools, rule({ ...read, scopes: undefined, who: staff })], /not to all .* of rule r\n/],
  ['a page under a condition', [tools, rule({ ...read, when: 'true' })], /not to all .* of rule r\n/],
  [
    'both for the same',
    [rule({ ...tools, who: staff }), rule({ ...read, scopes: undefined, who: staff })],
    undefined,
  ],
  ['one rule for both', [ofAll({ who: staff, when: 'true', scopes: 'x' })], undefined],
  ['a page denied to some', [ofAll({}), guests], /not to all .* of rule g\n/],
  ['both denied to them', [ofAll({}), rule({ ...guests, tools: ['get_note'] })], undefined],
  ['a deny that is only observed', [ofAll({}), rule({ ...guests, mode: 'observe' })], undefined],
])('D7: the same caller, %s', (_what, rules, told) => {
  const text = formatCoverage(coverageOf(route(rules), live, OPTIONS))
  if (told === undefined) expect(text).not.toContain('get_note is open')
  else expect(text).toMatch(told)
})
