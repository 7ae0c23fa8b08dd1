// Bodies that are valid, nearly valid, and broken, from a seed.
import { randomFrom } from '../random.mjs'

const METHODS = [
  'tools/call',
  'tools/call',
  'tools/call',
  'prompts/get',
  'resources/read',
  'tools/list',
  'ping',
]
const NAMES = [
  'safe',
  'danger',
  'a b',
  '',
  'é',
  'e\u0301',
  '😀',
  '\u212a',
  'ſafe',
  '__proto__',
  'a/b',
  'a\tb',
  '"',
  '\\',
]
const IDS = [
  '1',
  '"1"',
  '0',
  '-1',
  '1.0',
  '1e2',
  '1E+2',
  '9007199254740993',
  '"a"',
  '""',
  '"\\u0031"',
  'null',
  '{}',
  '1.5',
  '-0',
  '01',
  '+1',
  '.5',
  '1.',
  '1e400',
]
const VALUES = [
  '0',
  '1',
  'null',
  'true',
  '""',
  '"x"',
  '{}',
  '[]',
  '[1,2]',
  '{"a":1}',
  '{"name":"danger"}',
  '{"method":"x"}',
  '-0',
  '1e9',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\u0000"',
  '"\\/"',
  'NaN',
  "'x'",
]
const KEYS = [
  'a',
  'name',
  'Name',
  'NAME',
  'nam\\u0065',
  'method',
  'METHOD',
  'id',
  'Id',
  'params',
  'jsonrpc',
  'uri',
  'arguments',
  '',
  '__proto__',
  'ſ',
  '\\u017f',
  '\\u0000',
  'n\\u0061me',
]
const MARKS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\n',
  '\t',
  '\r',
  ' ',
  '\0',
  '\x0b',
  '\x0c',
  '/',
  '//',
  '/**/',
  '\u00a0',
  '\ufeff',
  '\u2028',
  '1',
  'e',
  '-',
]
const BROKEN = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0xfe, 0xff],
]

export function bodiesFrom(seed) {
  const random = randomFrom(seed)
  const below = (count) => Math.floor(random() * count)
  const pick = (list) => list[below(list.length)]
  const chance = (share) => random() < share
  const space = () => (chance(0.1) ? pick([' ', '\n', '\t', '\r\n', '  ']) : '')
  const escaped = (text) =>
    [...text].map((char) => (chance(0.2) ? unicodeEscape(char) : JSON.stringify(char).slice(1, -1))).join('')
  const string = (text) => `"${chance(0.3) ? escaped(text) : JSON.stringify(text).slice(1, -1)}"`
  const value = (depth) =>
    depth > 0 && chance(0.3)
      ? pick([
          () => object(extras(depth - 1)),
          () => `[${Array.from({ length: below(4) }, () => value(depth - 1))}]`,
        ])()
      : pick(VALUES)
  const extras = (depth) =>
    Array.from({ length: below(4) }, () => [`"${chance(0.7) ? `k${below(9)}` : pick(KEYS)}"`, value(depth)])
  const object = (members) =>
    `{${members.map(([key, item]) => `${space()}${key}${space()}:${space()}${item}${space()}`).join(',')}}`
  const shuffled = (list) =>
    list
      .map((item) => [random(), item])
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item)

  const message = () => {
    const method = pick(METHODS)
    const key = method === 'resources/read' ? 'uri' : 'name'
    const params = [[string(key), string(chance(0.8) ? pick(NAMES) : `n${below(99)}`)]]
    if (chance(0.6)) params.push(['"arguments"', object(extras(3))])
    if (chance(0.2)) params.push(...extras(1))
    const members = [
      [string('jsonrpc'), chance(0.97) ? '"2.0"' : pick(VALUES)],
      [string('method'), string(method)],
      [string('params'), object(shuffled(params))],
    ]
    if (chance(0.9)) members.push([string('id'), chance(0.6) ? String(below(1e6)) : pick(IDS)])
    if (chance(0.2)) members.push(...extras(1))
    if (chance(0.03)) members.push(pick(members))
    return object(shuffled(members))
  }

  const mutated = (text) => {
    const at = below(text.length + 1)
    return pick([
      () => text.slice(0, at) + pick(MARKS) + text.slice(at),
      () => text.slice(0, at) + text.slice(at + 1),
      () => text.slice(0, at) + pick(MARKS) + text.slice(at + 1),
      () => text.slice(0, at),
      () => text + pick([' ', '\n', '\0', '{}', ',', text]),
      () => text.slice(0, at) + pick(KEYS) + text.slice(at),
    ])()
  }

  const nested = () =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","arguments":${nestedTo(below(70))}}}`

  return () => {
    let text = chance(0.02)
      ? nested()
      : chance(0.05)
        ? `[${Array.from({ length: below(4) }, message)}]`
        : message()
    for (let times = chance(0.4) ? 1 + below(3) : 0; times > 0; times -= 1) text = mutated(text)
    const bytes = Buffer.from(text)
    if (!chance(0.06)) return bytes
    const at = chance(0.2) ? 0 : below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(BROKEN)), bytes.subarray(at)])
  }
}

function unicodeEscape(char) {
  return Array.from(
    { length: char.length },
    (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')
}

function nestedTo(depth) {
  return '['.repeat(depth) + ']'.repeat(depth)
}
