// What conditions say of values: true, false, or a fault, never a guess.
import { describe, expect, it } from 'vitest'
import { asked } from './scene.ts'

const PATH = { path: '/home/alice/a.txt' }

describe('values', () => {
  const cases: readonly (readonly [text: string, args: unknown, said: unknown])[] = [
    ['args.path == "/home/alice/a.txt"', PATH, true],
    ['args["path"] != "x"', PATH, true],
    ['args.path.startsWith("/home/" + principal.subject + "/")', PATH, true],
    ['args.path.endsWith(".txt") && args.path.contains("alice")', PATH, true],
    ['args.path.lowerAscii() == "/HOME"', { path: '/HOME' }, false],
    ['args.amount <= 100', { amount: 100.0 }, true],
    ['args.amount == 1', { amount: 1.0 }, true],
    ['args.amount * 2 - 1 > -3', { amount: 0 }, true],
    ['args.mode in ["read", "list"]', { mode: 'list' }, true],
    ['"ops" in principal.claims.groups', {}, true],
    ['principal.claims.realm.level >= 3', {}, true],
    ['principal.roles.exists(role, role == "staff")', {}, true],
    ['args.ids.all(id, id > 0)', { ids: [1, 2] }, true],
    ['args.ids.all(id, id > 0)', { ids: [] }, true],
    ['args.ids.exists_one(id, id == 2)', { ids: [1, 2, 2] }, false],
    ['args.map.exists(key, key == "a")', { map: { a: 1 } }, true],
    ['size(args.ids) == 2 && args.ids.size() < 3', { ids: [1, 2] }, true],
    ['args.ids[1] == 2', { ids: [1, 2] }, true],
    ['args.list == [1, "a", null]', { list: [1, 'a', null] }, true],
    ['args.flag ? args.a == 1 : args.b == 1', { flag: false, b: 1 }, true],
    ['has(args.path) && !has(args.other)', PATH, true],
    ['args.path.matches("^/home/[a-z]+/[^/]+$")', PATH, true],
    ['client.id == "client" && call.target == "pay" && call.kind == "tool"', {}, true],
    ['request.address == "127.0.0.1" && request.route == "notes"', {}, true],
    ['has(tool.readOnlyHint) && !tool.readOnlyHint && !has(tool.title)', {}, true],
    ['now > timestamp("2026-07-06T23:29:59+02:00")', {}, true],
    ['now.getHours() == 21 && now.getDayOfWeek() == 1 && now.getMonth() == 6', {}, true],
    ['now.getHours("Europe/Berlin") == 23 && now.getDate("Asia/Tokyo") == 7', {}, true],
  ]
  it.each(cases)('%s with %j: %s', (text, args, said) => {
    expect(asked(text, args)).toBe(said)
  })
})

describe('M09 and its like: what is not there is a fault, whatever it is called', () => {
  const cases: readonly (readonly [text: string, args: unknown, said: RegExp])[] = [
    ['args.path == "x"', {}, /no field `path`/],
    ['args.constructor == "x"', {}, /no field `constructor`/],
    ['args["__proto__"] == "x"', {}, /no field `__proto__`/],
    ['args.list.length == 1', { list: [1] }, /a field of a value that is not a map/],
    ['args.a.b == 1', { a: 'text' }, /a field of a value that is not a map/],
    ['args.a[2] == 1', { a: [1] }, /no such item/],
    ['args.a[0] == 1', { a: 'text' }, /no such item/],
    ['args.path == 1', [1], /arguments that are not a map/],
    ['args.a < 1', { a: '0' }, /no order/],
    ['args.a + "x" == "1x"', { a: 1 }, /cannot be added/],
    ['args.a.startsWith("x")', { a: ['x'] }, /not text/],
    ['args.a', { a: 1 }, /not true or false/],
    ['args.a.all(x, x)', { a: 'text' }, /not a list or map/],
    ['args.a.all(x, x)', { a: [true, 1] }, /not true or false/],
    ['args.a == 9007199254740991', { a: 2 ** 53 }, /too large to compare/],
    ['args.a > 1', { a: 1e300 }, /too large to compare/],
    ['1 in args.a', { a: [2 ** 60] }, /too large to compare/],
    ['"a" in args.a', { a: 'abc' }, /not a list or map/],
    ['size(args.a) > 1', { a: 5 }, /size of a value that has none/],
    ['has(args.a.b)', {}, /no field `a`/],
    ['[principal, args][0].scopes == 1', {}, /no field `scopes`/],
    ['args.path.isUnder("/home/" + args.user)', { path: '/home/x/y', user: '..' }, /could be another/],
    ['args.path.isUnder("/" + args.user)', { path: '/a', user: '' }, /could be another/],
  ]
  it.each(cases)('%s with %j', (text, args, said) => {
    expect(asked(text, args)).toMatch(said)
  })
})

describe('a fault or an unknown decides nothing that the other side decides', () => {
  const cases: readonly (readonly [text: string, said: unknown])[] = [
    ['args.none == 1 || true', true],
    ['true || args.none == 1', true],
    ['args.none == 1 && false', false],
    ['false && args.none == 1', false],
    ['!(args.none == 1) || principal.subject == "alice"', true],
    ['[1, 2].exists(x, x == 2 || args.none)', true],
    ['[1, 2].all(x, x == 2 && args.none)', false],
  ]
  it.each(cases)('%s', (text, said) => {
    expect(asked(text)).toBe(said)
  })

  const unknowns: readonly (readonly [text: string, said: unknown])[] = [
    ['args.a == 1', 'unknown'],
    ['has(args.a)', 'unknown'],
    ['args.a == 1 || principal.subject == "alice"', true],
    ['args.a == 1 && principal.subject == "bob"', false],
    ['args.a == 1 && principal.claims.none == 1', 'unknown'],
    ['args.a.all(x, x > 0)', 'unknown'],
    ['principal.roles.all(x, x == args.role)', 'unknown'],
    ['principal.roles.exists(x, x == "staff" || args.a)', true],
    ['args.a.startsWith(principal.claims.none)', 'no field `none`'],
    ['[args.a, "b"].size() == 2', 'unknown'],
    ['args.a ? true : true', 'unknown'],
  ]
  it.each(unknowns)('without arguments: %s', async (text, said) => {
    const { UNKNOWN } = await import('../../../src/policy/condition/outcome.ts')
    expect(asked(text, UNKNOWN)).toBe(said)
  })
})

describe('D14 D32: work is bounded, and what would be more is a fault', () => {
  const long = 'a'.repeat(4_095)
  const LIST = Array(1_000).fill(1)
  const MANY = Object.fromEntries(Array.from({ length: 8_000 }, (_, index) => [`k${index}`, 1]))
  /** What V8 searches for in time of both lengths, multiplied. */
  const REPEATING = `${'a'.repeat(16_000)}b${'a'.repeat(16_000)}`
  const cases: readonly (readonly [text: string, args: unknown, said: unknown])[] = [
    ['args.a.matches("(a+)+$")', { a: `${long}b` }, false],
    ['args.a.matches("(a|a)*c")', { a: long }, false],
    ['args.a.matches("a")', { a: 'a'.repeat(4_097) }, 'text that is too long'],
    ['args.a.contains("b")', { a: 'a'.repeat(65_537) }, 'text that is too long'],
    ['args.a + args.a == ""', { a: 'a'.repeat(40_000) }, 'text that is too long'],
    ['args.a.all(x, x > 0)', { a: Array(1_001).fill(1) }, 'a list that is too long'],
    ['1 in args.a', { a: Array(1_001).fill(0) }, 'a list that is too long'],
    ['args.a.all(x, x in args.a)', { a: Array.from({ length: 1_000 }, (_, i) => i) }, 'too much work'],
    [
      'args.a.all(x, x.matches("(?:a?){300}a{300}"))',
      { a: Array(300).fill('a'.repeat(300)) },
      'too much work',
    ],
    ['args.a == args.b', { a: Array(30_000).fill([1]), b: Array(30_000).fill([1]) }, 'too much work'],
    [
      'args.l.all(x, args.a == args.b)',
      { l: LIST, a: 'a'.repeat(9_999), b: 'a'.repeat(9_999) },
      'too much work',
    ],
    [
      'args.l.all(x, args.a <= args.b)',
      { l: LIST, a: 'a'.repeat(9_999), b: 'a'.repeat(9_999) },
      'too much work',
    ],
    ['args.l.all(x, size(args.m) > 0)', { l: LIST, m: MANY }, 'too much work'],
    ['args.l.all(x, args.m != args.n)', { l: LIST, m: MANY, n: { ...MANY, z: 1 } }, 'too much work'],
    [`${'size(args.m) > 0 && '.repeat(40)}true`, { m: MANY }, 'too much work'],
    ['args.a.contains(args.b)', { a: 'a'.repeat(65_536), b: REPEATING }, 'too much work'],
    ['args.l.all(x, x.lowerAscii() == "")', { l: Array(999).fill('Aé'.repeat(30_000)) }, false],
    ['args.path == "x"', { path: 'x', content: 'a'.repeat(1_000_000) }, true],
  ]
  it.each(cases.map((each, index) => [index, ...each] as const))(
    'case %i: %s',
    (_index, text, args, said) => {
      expect(asked(text, args)).toBe(said)
    },
  )
})
