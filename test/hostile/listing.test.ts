// L rows about lists: what must go is gone, all else is the same bytes, and what is unclear is withheld.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TargetKind } from '../../src/core/call.ts'
import { createEventSplitter, withData } from '../../src/mcp/events.ts'
import { filterListing, type ListingFilter } from '../../src/mcp/listing.ts'

const shown = new Set(['tool safe', 'prompt safe', 'resource file:///safe', 'template file:///safe/{x}'])
const filter: ListingFilter = { shows: (kind, name) => shown.has(`${kind} ${name}`), maxTtlMs: 60_000 }

function check(text: string | Buffer): string | undefined {
  return filterListing(Buffer.from(text as string), filter)?.toString()
}

function result(members: string): string {
  return `{"jsonrpc":"2.0","id":1,"result":{${members}}}`
}

const S = '{"name":"safe"}'
const D = '{"name":"danger"}'

const cut: readonly (readonly [string, string, string])[] = [
  ['L15 tools', result(`"tools":[${S},${D}]`), result(`"tools":[${S}]`)],
  ['L15 first', result(`"tools":[${D},${S}]`), result(`"tools":[${S}]`)],
  ['L15 between', result(`"tools":[${S},${D},${S}]`), result(`"tools":[${S},${S}]`)],
  ['L15 all', result(`"tools":[${D},${D}]`), result('"tools":[]')],
  ['L15 spaces', result(`"tools" : [ ${D} ,\n ${S}\t, ${D} ,${S} ]`), result(`"tools" : [${S} ,${S} ]`)],
  ['L15 prompts', result(`"prompts":[${D},${S}]`), result(`"prompts":[${S}]`)],
  [
    'L15 resources',
    result('"resources":[{"uri":"file:///x","name":"safe"},{"uri":"file:///safe"}]'),
    result('"resources":[{"uri":"file:///safe"}]'),
  ],
  [
    'L15 templates',
    result(
      '"resourceTemplates":[{"uriTemplate":"file:///{x}","name":"safe"},{"name":"safe","uriTemplate":"file:///safe/{x}"}]',
    ),
    result('"resourceTemplates":[{"name":"safe","uriTemplate":"file:///safe/{x}"}]'),
  ],
  [
    'L11 cursor and unknown members stay',
    result(`"tools":[${D}],"nextCursor":"c2","x":[1, 2.50]`),
    result('"tools":[],"nextCursor":"c2","x":[1, 2.50]'),
  ],
  [
    'L12 cacheScope',
    result(`"tools":[${S}],"ttlMs":3600000,"cacheScope":"public"`),
    result(`"tools":[${S}],"ttlMs":60000,"cacheScope":"private"`),
  ],
  [
    'L12 cacheScope before the list',
    result(`"cacheScope": "public", "tools":[${D}]`),
    result('"cacheScope": "private", "tools":[]'),
  ],
  [
    'L12 cacheScope that is no string',
    result(`"tools":[],"cacheScope":null,"ttlMs":1e999`),
    result('"tools":[],"cacheScope":"private","ttlMs":60000'),
  ],
  [
    'L12 cacheScope of what is no list',
    result('"contents":[],"cacheScope":"public","ttlMs":99999999'),
    result('"contents":[],"cacheScope":"private","ttlMs":60000'),
  ],
  [
    'CAC-01 a short ttl stays',
    result(`"tools":[],"ttlMs":10,"cacheScope":"private"`),
    result('"tools":[],"ttlMs":10,"cacheScope":"private"'),
  ],
  [
    'L02 escaped names',
    result('"t\\u006fols":[{"n\\u0061me":"d\\u0061nger"},{"name":"s\\u0061fe"}]'),
    result('"t\\u006fols":[{"name":"s\\u0061fe"}]'),
  ],
  [
    'a name that is no string',
    result(`"tools":[{"name":1},{"name":null},{},{"title":"safe"},${S}]`),
    result(`"tools":[${S}]`),
  ],
  ['an item that is no object', result(`"tools":["safe",null,7,[${S}],${S}]`), result(`"tools":[${S}]`)],
  [
    'L06 every member of a batch',
    `[${result(`"tools":[${D}]`)}, {"jsonrpc":"2.0","method":"x"}, ${result(`"prompts":[${D},${S}]`)}]`,
    `[${result('"tools":[]')}, {"jsonrpc":"2.0","method":"x"}, ${result(`"prompts":[${S}]`)}]`,
  ],
  ['L04 the mark goes', `\ufeff${result(`"tools":[${D}]`)}`, result('"tools":[]')],
  [
    'non-ASCII around',
    result(`"é":"日本","tools":[${D},{"name":"safe","title":"😀"}],"ü":1`),
    result('"é":"日本","tools":[{"name":"safe","title":"😀"}],"ü":1'),
  ],
]

test.each(cut)('%s', (_, before, after) => expect(check(before)).toBe(after))

const same: readonly (readonly [string, string])[] = [
  ['nothing to cut', result(`"tools":[ ${S} ]`)],
  ['an empty list', result('"tools":[]')],
  ['null for a list', result('"tools":null')],
  [
    'a call result that speaks of tools',
    result(
      '"content":[{"type":"text","text":"tools: danger"}],"structuredContent":{"tools":[{"name":"danger"}]}',
    ),
  ],
  ['L17 content is not filtered', result('"content":[{"type":"resource_link","uri":"file:///x"}]')],
  [
    'the capabilities of initialize',
    result('"capabilities":{"tools":{"listChanged":true},"resources":{},"prompts":{}}'),
  ],
  ['a notification', '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'],
  [
    'a server request with tools',
    '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"tools":[{"name":"danger"}]}}',
  ],
  [
    'an error that speaks of tools',
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no such tools"}}',
  ],
  ['a task with a ttl', result('"resultType":"task","taskId":"t","ttlMs":99999999')],
  ['what has no list words is not even read', 'not JSON'],
  ['however deep', '['.repeat(1000)],
]

test.each(same)('the same buffer: %s', (_, text) => {
  const bytes = Buffer.from(text)
  expect(filterListing(bytes, filter)).toBe(bytes)
})

const list = `"result":{"tools":[${D}]}`
const withheld: readonly (readonly [string, string | Buffer])[] = [
  ['L02 two messages in one event', `${result(`"tools":[${S}]`)}\n${result(`"tools":[${D}]`)}`],
  ['L06 method and result', `{"jsonrpc":"2.0","id":1,"method":"x",${list}}`],
  ['L06 result and error', `{"jsonrpc":"2.0","id":1,"error":{},${list}}`],
  ['L06 no jsonrpc', `{"id":1,${list}}`],
  ['L06 another jsonrpc', `{"jsonrpc":"1.0","id":1,${list}}`],
  ['L06 id null', `{"jsonrpc":"2.0","id":null,${list}}`],
  ['L06 id an object', `{"jsonrpc":"2.0","id":{},${list}}`],
  ['L06 no id', `{"jsonrpc":"2.0",${list}}`],
  ['L06 a list inside a list', `[[${result(`"tools":[${D}]`)}]]`],
  ['L06 a string with a message', JSON.stringify(result(`"tools":[${D}]`))],
  ['L06 two kinds of list', result(`"tools":[${S}],"prompts":[${S}]`)],
  ['L06 a list that is an object', result(`"tools":{"0":${D}}`)],
  ['L06 one bad message in a batch', `[${result(`"tools":[${S}]`)},{"id":1,${list}}]`],
  ['L18 result twice', `{"jsonrpc":"2.0","id":1,"result":{"tools":[${S}]},${list}}`],
  ['L18 tools twice', result(`"tools":[${S}],"tools":[${D}]`)],
  ['L18 name twice', result('"tools":[{"name":"safe","name":"danger"}]')],
  ['L18 name twice by escape', result('"tools":[{"name":"safe","n\\u0061me":"danger"}]')],
  ['L18 case variant of the result', `{"jsonrpc":"2.0","id":1,"Result":{"tools":[${D}]}}`],
  ['L18 case variant of the list', result(`"Tools":[${D}]`)],
  ['L18 case variant of the name', result('"tools":[{"name":"safe","Name":"danger"}]')],
  ['L10 not UTF-8', Buffer.from(result('"tools":[{"name":"\u00ff"}]'), 'latin1')],
  ['L10 UTF-16', Buffer.from(result(`"tools":[${D}]`), 'utf16le')],
  ['L10 two marks', `\ufeff\ufeff${result(`"tools":[${D}]`)}`],
  ['cut short', result(`"tools":[${D}]`).slice(0, -1)],
  ['lenient JSON', result(`"tools":[${D},]`)],
]

test.each(withheld)('withheld: %s', (_, text) => expect(check(text)).toBeUndefined())

const names = fc.oneof(fc.constantFrom('safe', 'danger'), fc.string({ unit: 'grapheme', maxLength: 5 }))
const item = fc
  .tuple(names, fc.jsonValue({ maxDepth: 2 }))
  .map(([name, extra]) => ({ description: extra, name, x: [name] }))
const kinds: readonly (readonly [string, TargetKind, string])[] = [
  ['tools', 'tool', 'name'],
  ['prompts', 'prompt', 'name'],
  ['resources', 'resource', 'uri'],
  ['resourceTemplates', 'template', 'uriTemplate'],
]

test('L15 no forbidden item is left, and the rest is what it was', () => {
  const space = fc.constantFrom('', ' ', '\n\t')
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 8 }),
      fc.constantFrom(...kinds),
      space,
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      (items, [listName, kind, key], gap, other, seed) => {
        const allowed = (name: string) => (name.length + seed) % 2 === 0
        const texts = items.map(({ name, ...rest }) => JSON.stringify({ ...rest, [key]: name }))
        const around = (inner: readonly string[]) =>
          `{${gap}"other":${JSON.stringify(other)},"result":{"${listName}":[${inner.join()}],"a":${JSON.stringify(other)}},${gap}"id":7,"jsonrpc":"2.0"}`
        const before = around(texts)
        const after = filterListing(Buffer.from(before), {
          shows: (asked, name) => asked === kind && allowed(name),
          maxTtlMs: Number.POSITIVE_INFINITY,
        })
        expect(after?.toString()).toBe(around(texts.filter((_, index) => allowed(items[index]?.name ?? ''))))
      },
    ),
  )
})

test('L01 L05 a list on a stream is filtered event by event, the rest passes byte for byte', () => {
  const split = result(`"tools":[${D},${S}]`).replace('[', '[\ndata: ')
  const stream = `: hi\n\nid: 1\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\nid: 2\ndata: ${split}\n\n`
  const events = createEventSplitter({ maxEventBytes: 4096 }).push(Buffer.from(stream)) ?? []
  const out = events.map((event) => {
    const data = event.data && filterListing(event.data, filter)
    return data === undefined || data === event.data ? event.bytes : withData(event, data)
  })
  const expected = stream.replace(split, result(`"tools":[${S}]`))
  expect(Buffer.concat(out).toString()).toBe(expected)
})
