// The manifest as a value: digests that mean the same definition, text that cannot be edited unseen, and comparison.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Inventory, Item } from '../../src/core/manifest.ts'
import { approveChanges, compareManifests } from '../../src/manifest/compare.ts'
import { canonicalJson, pinOf } from '../../src/manifest/definition.ts'
import { loadManifest, saveManifest } from '../../src/manifest/file.ts'
import { formatManifest, manifestOf, readManifest } from '../../src/manifest/manifest.ts'

const TOOL: Item = {
  name: 'add',
  description: 'adds',
  inputSchema: { type: 'object', properties: { a: {}, b: {} } },
}
const OTHER: Item = { name: 'remove', description: 'removes' }

function inventoryOf(parts: Partial<Inventory>): Inventory {
  const server = { name: 's', version: '1' }
  return { server, tools: [], prompts: [], resources: [], templates: [], ...parts }
}

const ALL = manifestOf(
  inventoryOf({
    tools: [OTHER, TOOL],
    prompts: [{ name: 'ask', arguments: [{ name: 'x', required: true }] }],
    resources: [{ uri: 'notes://1', name: 'one', annotations: { priority: 1, lastModified: '2026-01-01' } }],
    templates: [{ uriTemplate: 'notes://{id}', name: 'note' }],
  }),
)

describe('D2: digests', () => {
  const digest = (tool: Item) => pinOf('tool', tool)?.digest
  const same: readonly (readonly [string, Item])[] = [
    ['members in another order', { inputSchema: TOOL['inputSchema'], description: 'adds', name: 'add' }],
    ['schema in another order', { ...TOOL, inputSchema: { properties: { b: {}, a: {} }, type: 'object' } }],
    ['icons and _meta', { ...TOOL, icons: [1], _meta: { a: 1 }, execution: {} }],
  ]
  test.each(same)('%s: the same', (_what, tool) => {
    expect(digest(tool)).toBe(digest(TOOL))
  })

  const others: readonly (readonly [string, Item])[] = [
    ['a description', { ...TOOL, description: 'adds.' }],
    ['a look-alike letter', { ...TOOL, description: '\u0430dds' }],
    ['an invisible letter', { ...TOOL, description: 'adds\u200b' }],
    ['a title', { ...TOOL, title: 'Add' }],
    ['an optional member', { ...TOOL, outputSchema: {} }],
    ['an annotation', { ...TOOL, annotations: { readOnlyHint: true } }],
    ['an order of an array', { ...TOOL, inputSchema: { required: ['b', 'a'] } }],
    [
      'a default deep in the schema',
      { ...TOOL, inputSchema: { type: 'object', properties: { a: { default: 1 }, b: {} } } },
    ],
  ]
  test.each(others)('M51: %s: another', (_what, tool) => {
    expect(digest(tool)).not.toBe(digest(TOOL))
  })

  test('a time of change is no change of a resource', () => {
    const at = (lastModified: string) =>
      pinOf('resource', { uri: 'a://b', annotations: { priority: 1, lastModified } })?.digest
    expect(at('2026-01-01')).toBe(at('2026-02-02'))
  })

  test('a tool and a prompt of one name differ', () => {
    expect(pinOf('tool', { name: 'a' })?.digest).not.toBe(pinOf('prompt', { name: 'a' })?.digest)
  })

  test('no name, or nested beyond 64 levels: nothing that could be approved', () => {
    let deep: unknown = 1
    for (let level = 0; level < 70; level += 1) deep = { deep }
    expect(pinOf('tool', { description: 'x' })).toBeUndefined()
    expect(pinOf('tool', { name: 'a', inputSchema: deep })).toBeUndefined()
  })

  test('canonical JSON is the value itself, whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonicalJson(value) ?? ''
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })
})

describe('the text of a manifest', () => {
  test('reads back as it was, in one order', () => {
    const read = readManifest(formatManifest(ALL))
    expect(read).toEqual({ ok: true, manifest: ALL })
    expect(ALL.tools.map(({ name }) => name)).toEqual(['add', 'remove'])
  })

  const broken: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ['no JSON', () => 'tools:', /no manifest/],
    ['another format', (text) => text.replace('manifest": 1', 'manifest": 2'), /no manifest of format 1/],
    ['a missing list', (text) => text.replace('"prompts"', '"promts"'), /a list is missing/],
    [
      'an edited description',
      (text) => text.replace('"adds"', '"adds all"'),
      /tool "add" is not what its digest/,
    ],
    [
      'a digest of another',
      (text) => text.replace(ALL.tools[0]?.digest ?? '', ALL.tools[1]?.digest ?? ''),
      /"add"/,
    ],
    ['an item without a definition', (text) => text.replace('"definition"', '"defined"'), /no name, digest/],
  ]
  test.each(broken)('M51: %s is refused', (_what, edit, words) => {
    const text = edit(formatManifest(ALL))
    const read = readManifest(text)
    expect(read.ok ? '' : read.message).toMatch(words)
  })

  test('one item twice is refused', () => {
    const twice = { ...ALL, tools: [...ALL.tools, ...ALL.tools.slice(0, 1)] }
    expect(readManifest(formatManifest(twice)).ok).toBe(false)
  })

  test('a file is replaced in one step, and nothing is left beside it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-manifest-'))
    const file = join(folder, 'm.json')
    writeFileSync(file, 'old')
    saveManifest(file, ALL)
    expect(loadManifest(file)).toEqual({ ok: true, manifest: ALL })
    expect(readdirSync(folder)).toEqual(['m.json'])
    rmSync(folder, { recursive: true })
    const gone = loadManifest(file)
    expect(gone.ok ? '' : gone.message).toMatch(/ENOENT; write it with: portcullis approve/)
  })
})

describe('D5: comparison and approval', () => {
  const live = manifestOf(inventoryOf({ tools: [{ ...TOOL, description: 'sends' }, { name: 'fresh' }] }))

  test('added, removed and changed, with the members', () => {
    expect(
      compareManifests(ALL, live).map(({ kind, name, change, members }) => [change, kind, name, ...members]),
    ).toEqual([
      ['changed', 'tool', 'add', 'description'],
      ['added', 'tool', 'fresh'],
      ['removed', 'tool', 'remove'],
      ['removed', 'prompt', 'ask'],
      ['removed', 'resource', 'notes://1'],
      ['removed', 'template', 'notes://{id}'],
    ])
    expect(compareManifests(ALL, ALL)).toEqual([])
  })

  test('approving one leaves the others as they were', () => {
    const written = approveChanges(ALL, live, ({ name }) => name === 'add')
    expect(compareManifests(ALL, written).map(({ name }) => name)).toEqual(['add'])
    expect(readManifest(formatManifest(written)).ok).toBe(true)
  })

  test('approving all is the live one', () => {
    expect(approveChanges(ALL, live, () => true)).toEqual(live)
  })
})
