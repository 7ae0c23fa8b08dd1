// D3: what is proposed for which tool. A proposal names tools, never patterns of tools, and each tool once.
import { describe, expect, test } from 'vitest'
import type { Item } from '../../src/core/manifest.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'
import { suggestRules, unwritable } from '../../src/manifest/suggest.ts'

function rulesFor(
  tools: readonly Item[],
  more: { resources?: Item[]; templates?: Item[]; prompts?: Item[] } = {},
) {
  const server = { name: 's', version: '1' }
  return suggestRules(
    manifestOf({ server, tools, prompts: [], resources: [], templates: [], ...more }),
    'notes',
  )
}

const cases: readonly (readonly [name: string, annotations: Item | undefined, rule: string])[] = [
  ['list_notes', undefined, 'reading'],
  ['getNote', undefined, 'reading'],
  ['browser-snapshot', { readOnlyHint: true }, 'reading'],
  ['add_note', undefined, 'writing'],
  ['frobnicate', undefined, 'writing'],
  ['create_entities', { readOnlyHint: false, destructiveHint: false }, 'writing'],
  ['write_file', { readOnlyHint: false, destructiveHint: true }, 'destructive'],
  ['delete_note', undefined, 'destructive'],
  ['deleteNote', { destructiveHint: false }, 'destructive'],
  ['purge.all', { readOnlyHint: true }, 'destructive'],
  ['get_and_delete', undefined, 'destructive'],
  ['target_list', undefined, 'reading'],
]

describe('D3: suggest', () => {
  test.each(cases)('%s %o: %s', (name, annotations, rule) => {
    const rules = rulesFor([{ name, ...(annotations && { annotations }) }])
    expect(rules.map((each) => each.name)).toEqual([rule])
    expect(rules[0]?.tools).toEqual([name])
  })

  test('a name that contradicts its hint is doubted', () => {
    const [rule] = rulesFor([{ name: 'delete_all', annotations: { readOnlyHint: true } }])
    expect(rule?.doubts).toEqual({ delete_all: 'it says that it only reads, its name says otherwise' })
  })

  test('scopes by danger; resources by scheme', () => {
    const rules = rulesFor([{ name: 'get' }, { name: 'set' }, { name: 'drop' }], {
      prompts: [{ name: 'p' }],
      resources: [{ uri: 'notes://1' }, { uri: 'notes://2' }, { uri: 'urn:x:1' }],
      templates: [{ uriTemplate: 'file:///{path}' }],
    })
    expect(rules.map(({ scopes }) => scopes[0])).toEqual([
      'notes:read',
      'notes:write',
      'notes:admin',
      'notes:read',
      'notes:read',
    ])
    expect(rules.at(-1)?.resources).toEqual(['notes://**', 'urn:x:1', 'file://**'])
  })

  test('SECURITY: a tool called * does not become a pattern', () => {
    const manifest = manifestOf({
      server: { name: '', version: '' },
      tools: [{ name: '*' }, { name: 'get' }],
      prompts: [],
      resources: [],
      templates: [],
    })
    expect(suggestRules(manifest, 'x').flatMap(({ tools }) => tools ?? [])).toEqual(['get'])
    expect(unwritable(manifest)).toEqual(['*'])
  })
})
