// What people read before they agree to a scope, made of the titles of a server's tools.
import { expect, test } from 'vitest'
import { wordsOfRules } from '../../../src/cli/shared/scope-words.ts'
import { manifestOf } from '../../../src/manifest/manifest.ts'
import { suggestRules } from '../../../src/manifest/suggest.ts'

test('words for the scopes: the first titles of each, short and in one line', () => {
  const tools = [
    { name: 'list_a', title: 'List A' },
    { name: 'list_b', title: 'List\nB\u202e' },
    { name: 'list_c', title: 'x'.repeat(100) },
    { name: 'list_d' },
    { name: 'list_e', title: 'List E' },
    { name: 'delete_a', title: 'Delete A' },
    { name: 'get-env', title: 'Print Environment Tool' },
  ]
  const server = { name: 's', version: '1' }
  const manifest = manifestOf({ server, tools, prompts: [], resources: [], templates: [] })
  const rules = suggestRules(manifest, 'notes')
  expect(wordsOfRules(rules, manifest, 'notes', 'Notes')).toEqual({
    'notes:read': `Look at what Notes has: List A, List B, ${'x'.repeat(39)}… and 2 more`,
    'notes:admin': 'Do what is dangerous on Notes: Delete A, Print Environment Tool',
  })
})
