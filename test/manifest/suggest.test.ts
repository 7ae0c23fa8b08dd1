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

/** By their names, whatever they say of themselves. */
const SENSITIVE_NAMES = [
  ...[
    'get-env',
    'getenv',
    'print_env',
    'env',
    'GetEnvironment',
    'exec',
    'execCommand',
    'execute_query',
    'eval',
  ],
  ...[
    'js.eval',
    'evaluate_script',
    'shell',
    'open-shell',
    'run_command',
    'runCommand',
    'runcommand',
    'run_python_code',
  ],
  ...[
    'bash',
    'ssh_connect',
    'secret',
    'list_secrets',
    'get_password',
    'readPasswords',
    'token',
    'get-access-token',
  ],
  ...['API-get-credentials', 'read_api_key', 'getPrivateKey', 'list_cookies'],
]
const HARMLESS_NAMES = [
  'get_environments',
  'tokenize',
  'runner_status',
  'list_runs',
  'press_key',
  'get_executives',
]

describe('tools that run commands or give out secrets', () => {
  const claims = [undefined, { readOnlyHint: true }, { readOnlyHint: true, destructiveHint: false }]
  test.each(SENSITIVE_NAMES)('%s is never put under reading', (name) => {
    for (const annotations of claims) {
      const [rule, ...others] = rulesFor([{ name, ...(annotations && { annotations }) }])
      expect([rule?.name, rule?.scopes, others]).toEqual(['sensitive', ['notes:admin'], []])
      expect(rule?.doubts[name]).toMatch(/^by its name it (?:runs|gives out)/)
    }
  })

  test.each(HARMLESS_NAMES)('%s is none', (name) => {
    expect(rulesFor([{ name }])[0]?.name).not.toBe('sensitive')
  })

  test('a title that says worse than the name is believed', () => {
    const told = (title: string, name = 'go') =>
      rulesFor([{ name, title, annotations: { readOnlyHint: true } }])[0]?.name
    expect(told('Run a shell command')).toBe('sensitive')
    expect(told('Delete everything')).toBe('destructive')
    expect(told('List notes')).toBe('reading')
    expect(told('List notes', 'get-env')).toBe('sensitive')
    const annotated = { name: 'go', annotations: { title: 'Print Environment', readOnlyHint: true } }
    expect(rulesFor([annotated])[0]?.name).toBe('sensitive')
  })
})

describe('titles', () => {
  test('the title, else that of the annotations; one that is the name is none', () => {
    const [rule] = rulesFor([
      { name: 'list_a', title: 'List A', annotations: { title: 'Other' } },
      { name: 'list_b', annotations: { title: 'List B' } },
      { name: 'list_c', title: 'list_c' },
      { name: 'list_d', title: '', annotations: { title: 7 } },
    ])
    expect(rule?.titles).toEqual({ list_a: 'List A', list_b: 'List B' })
  })
})

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
