// What a pin remembers and forgets: bounded, told once, and never fooled into approving everything.
import { describe, expect, test } from 'vitest'
import type { Inventory, Item } from '../../src/core/manifest.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'
import { approvedAnnotations, createLastListings, createPin, type Drift } from '../../src/manifest/pin.ts'

const TOOL = { name: 'add', description: 'adds' }

function open(parts: Partial<Inventory>, lastListings = createLastListings()) {
  const told: Drift[] = []
  const server = { name: '', version: '' }
  const manifest = manifestOf({ server, tools: [], prompts: [], resources: [], templates: [], ...parts })
  const tell = (drift: Drift) => void told.push(drift)
  return { pin: createPin({ manifest, onDrift: 'hide', lastListings, tell }), told, lastListings, manifest }
}

/** Whether a list shows it then. */
const list = (pin: ReturnType<typeof open>['pin'], item: Item) => {
  const name = String(item['name'])
  pin.observe('tool', name, JSON.stringify(item))
  return pin.allows({ kind: 'tool', name })
}

describe('M51: a pin', () => {
  test('tells each change once: away, back, and away to something else', () => {
    const { pin, told } = open({ tools: [TOOL] })
    const seen = ['a', 'a', 'adds', 'a', 'b'].map((description) => list(pin, { ...TOOL, description }))
    expect(seen).toEqual([false, false, true, false, false])
    expect(told.map(({ members }) => members)).toEqual([['description'], ['description']])
    expect(pin.allows({ kind: 'tool', name: 'add' })).toBe(false)
    list(pin, TOOL)
    expect(pin.allows({ kind: 'tool', name: 'add' })).toBe(true)
  })

  test('a text in another order is the same definition', () => {
    const { pin } = open({ tools: [TOOL] })
    pin.observe('tool', 'add', '{ "description" : "adds", "name":"\\u0061dd" }')
    expect(pin.allows({ kind: 'tool', name: 'add' })).toBe(true)
  })

  test('two of one name in a list: the poisoned one is not shown', () => {
    const { pin } = open({ tools: [TOOL] })
    expect([TOOL, { ...TOOL, description: 'steals' }].map((item) => list(pin, item))).toEqual([true, false])
    expect(pin.allows({ kind: 'tool', name: 'add' })).toBe(false)
  })

  test('memory is bounded: 10,000 changes told, pinned names only', () => {
    const { pin, told, lastListings } = open({ tools: [TOOL] })
    for (let n = 0; n < 10_050; n += 1) list(pin, { name: `new-${n}` })
    expect(told).toHaveLength(10_050)
    for (let n = 50; n < 10_050; n += 1) list(pin, { name: `new-${n}` })
    expect(told).toHaveLength(10_050)
    list(pin, { name: 'new-0' })
    expect(told).toHaveLength(10_051)
    expect(lastListings.listed.size).toBe(0)
  })

  test('a name that is pinned no more is forgotten', () => {
    const first = open({ tools: [TOOL] })
    list(first.pin, { ...TOOL, description: 'x' })
    open({}, first.lastListings)
    expect(first.lastListings.listed.size).toBe(0)
  })

  test('SECURITY: a template that begins with an expression approves no resource', () => {
    const { pin } = open({ templates: [{ uriTemplate: '{+uri}' }, { uriTemplate: 'notes://{id}' }] })
    const allows = (name: string) => pin.allows({ kind: 'resource', name })
    expect([allows('file:///etc/passwd'), allows('notes://7'), allows('notes:/')]).toEqual([
      false,
      true,
      false,
    ])
    expect(pin.allows({ kind: 'template', name: 'notes://{id}' })).toBe(true)
    expect(pin.allows({ kind: 'template', name: 'notes://{other}' })).toBe(false)
  })

  test('a tool is not approved by a prompt of its name', () => {
    const { pin } = open({ prompts: [{ name: 'add' }] })
    expect(pin.allows({ kind: 'tool', name: 'add' })).toBe(false)
    expect(pin.allows({ kind: 'prompt', name: 'add' })).toBe(true)
  })

  test('annotations are the approved ones, and nothing else is taken for them', () => {
    const { pin, manifest } = open({
      tools: [
        { ...TOOL, annotations: { readOnlyHint: true } },
        { name: 'odd', annotations: [1] },
      ],
    })
    list(pin, { ...TOOL, annotations: { readOnlyHint: false } })
    expect([...approvedAnnotations(manifest)]).toEqual([['add', { readOnlyHint: true }]])
  })
})
