// Names of arguments that a server's decoder folds: where a condition asks for one, its variants are faults.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alikeIn, foldMember, variantOf } from '../../../src/policy/condition/folding.ts'
import { ConditionFault, type Frame, MAX_STEPS } from '../../../src/policy/condition/outcome.ts'
import { AROUND, compiled, holder, rule, use } from '../policies.ts'
import { asked } from './scene.ts'

const VARIANT = 'a member that some servers read under another name'
const MODE = '!has(args.mode) || args.mode == "read"'

describe('M83: a variant of a name that the condition asks for is a fault', () => {
  const cases: readonly (readonly [text: string, args: object])[] = [
    [MODE, { Mode: 'write' }],
    [MODE, { mode: 'read', MODE: 'write' }],
    [MODE, { mode: 'read', moDe: 'drop' }],
    ['args.user == "ada"', { user: 'ada', 'u\u017fer': 'root' }],
    ['!has(args.user)', { 'u\u017fer': 'root' }],
    ['has(args.key)', { '\u212aey': 1 }],
    ['!has(args.dry_run)', { 'dry-run': true }],
    ['!has(args.dryRun)', { dry_run: true }],
    ['!has(args.dry_run)', { DryRun: true }],
    ['args["mode"] == "read"', { mode: 'read', Mode: 'write' }],
    ['args[args.which] == "read"', { which: 'mode', mode: 'read', Mode: 'write' }],
    ['!("mode" in args)', { Mode: 'write' }],
    ['args.opts.mode == "read"', { opts: { mode: 'read', Mode: 'write' } }],
    ['!has(args.opts.mode)', { opts: { MODE: 'write' } }],
    ['args.opts.mode == "read"', { opts: { mode: 'read' }, Opts: { mode: 'write' } }],
    ['args.items[0].id == 1', { items: [{ id: 1, ID: 2 }] }],
    ['args.items.all(i, i.id == 1)', { items: [{ id: 1 }, { id: 1, Id: 2 }] }],
    ['args.items.exists(i, has(i.id))', { items: [{ Id: 1 }] }],
    ['[args.a, args.b][0].id == 1', { a: { id: 1, ID: 2 }, b: {} }],
    ['(has(args.c) ? args.a : args.a).id == 1', { a: { id: 1, ID: 2 } }],
    ['size(args) == 1', { mode: 'read', Mode: 'write' }],
    ['args.all(k, k == "mode" || k == "Mode")', { mode: 'read', Mode: 'write' }],
    ['!args.exists(k, k == "force")', { Force: true }],
    ['args.a == args.b', { a: { x: 1 }, b: { x: 1, X: 2 } }],
  ]
  it.each(cases)('%s with %j', (text, args) => {
    expect(asked(text, args)).toBe(VARIANT)
  })

  it('Turkish letters, sharp s, the final sigma, letters beyond the basic plane', () => {
    for (const [name, variant] of [
      ['id', '\u0130d'],
      ['id', '\u0131D'],
      ['stra\u00dfe', 'STRA\u1e9eE'],
      ['\u03c3', '\u03c2'],
      ['\u{10428}', '\u{10400}'],
    ] as const) {
      expect(asked(`"${name}" in args`, { [variant]: 1 })).toBe(VARIANT)
    }
  })
})

describe('what is no variant, or does not matter, is none', () => {
  const cases: readonly (readonly [text: string, args: object, said: unknown])[] = [
    [MODE, { mode: 'read', Other: 1, other: 2 }, true],
    [MODE, { modes: 'write' }, true],
    ['args.opts.mode == "read"', { opts: { mode: 'read' }, mode: 1, Mode: 2 }, true],
    ['args.a == 1 || args.b == 1', { a: 1, B: 2 }, true],
    ['args.a == 2 && args.b == 1', { a: 1, B: 2 }, false],
    ['args.items.exists(i, i.id == 1)', { items: [{ id: 1 }, { ID: 1 }] }, true],
    ['args.env.all(k, k != "path")', { env: { HOME: '/' } }, true],
    ['size(args.env) == 1', { env: { HOME: '/' } }, true],
  ]
  it.each(cases)('%s with %j: %s', (text, args, said) => {
    expect(asked(text, args)).toBe(said)
  })

  it('claims are read by nobody but the gateway', () => {
    const policy = compiled({
      rules: [rule('r', { tools: ['t'], when: 'principal.claims.client_id == "a"' })],
    })
    const claims = { client_id: 'a', clientId: 'b' }
    const call = { era: 'modern', calls: [use('tool', 't')] } as const
    expect(policy.decide({ ...holder([]), claims }, call, AROUND).refusal).toBeUndefined()
  })
})

describe('M83: a deny rule denies, an allow rule does not allow', () => {
  const policy = compiled({
    rules: [
      rule('no-drop', { effect: 'deny', tools: ['sql'], when: 'has(args.mode) && args.mode == "drop"' }),
      rule('sql', { tools: ['sql'] }),
      rule('edit', { tools: ['edit'], when: MODE }),
    ],
  })
  const decide = (name: string, args: object) =>
    policy.decide(holder([]), { era: 'modern', calls: [use('tool', name, args)] }, AROUND)

  it('and the audit says why', () => {
    expect(decide('sql', { mode: 'read' })).toMatchObject({ rule: 'sql', refusal: undefined })
    expect(decide('sql', { Mode: 'drop' })).toMatchObject({
      rule: 'no-drop',
      refusal: { reason: 'call_forbidden' },
      faulty: [`no-drop: ${VARIANT}`],
    })
    expect(decide('edit', { mode: 'read' }).refusal).toBeUndefined()
    expect(decide('edit', { Mode: 'write' })).toMatchObject({ refusal: { reason: 'call_forbidden' } })
  })
})

describe('laws', () => {
  const frame = (): Frame => ({ variables: {}, item: undefined, steps: MAX_STEPS, folded: new Map() })

  it('folds at least what Unicode simple case folding does, letter by letter', () => {
    const letters = Array.from({ length: 0x2_0000 }, (_, point) => point)
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point))
    const apart: string[] = []
    for (const letter of letters) {
      // With `i` and `u`, ECMAScript compares by CaseFolding.txt, simple (22.2.2.7.3).
      const cased = [letter.toLowerCase(), letter.toUpperCase()]
      const others = cased.filter((other) => other !== letter && [...other].length === 1)
      const same = others.filter((other) => new RegExp(`^${escaped(letter)}$`, 'iu').test(other))
      if (same.some((other) => foldMember(other) !== foldMember(letter))) apart.push(letter)
    }
    expect(apart).toEqual([])
    expect([foldMember('\u017f'), foldMember('\u212a'), foldMember('\ufb05')]).toEqual(['s', 'k', '\ufb06'])
  })

  const escaped = (letter: string) => `\\u{${letter.codePointAt(0)?.toString(16)}}`
  const letter = fc.constantFrom(
    'a',
    'A',
    's',
    'S',
    '\u017f',
    'k',
    'K',
    '\u212a',
    'i',
    '\u0130',
    '-',
    '_',
    '1',
    '\u03c2',
    '\u03a3',
  )
  const name = fc.array(letter, { minLength: 1, maxLength: 4 }).map((letters) => letters.join(''))

  it('folding is idempotent', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(foldMember(foldMember(text))).toBe(foldMember(text))
      }),
    )
  })

  it('finds what comparing each pair of names finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 14, size: 'max' }), name, (names, wanted) => {
        const object = Object.fromEntries(names.map((each) => [each, 1]))
        const alike = (one: string, other: string) => one !== other && foldMember(one) === foldMember(other)
        const variant = variantOf(object, wanted, foldMember(wanted), frame())
        expect(variant instanceof ConditionFault).toBe(names.some((each) => alike(each, wanted)))
        const any = names.some((one) => names.some((other) => alike(one, other)))
        expect(alikeIn(object, frame()) instanceof ConditionFault).toBe(any)
      }),
      { numRuns: 2_000 },
    )
  })

  it('D14 the names of an object are folded once, and at the price of what they are', () => {
    const small = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`n${index}`, 1]))
    const one = frame()
    const steps = () => MAX_STEPS - one.steps
    expect(variantOf(small, 'mode', 'mode', one)).toBeUndefined()
    const once = steps()
    for (let again = 0; again < 50; again += 1) variantOf(small, 'mode', 'mode', one)
    expect(steps()).toBe(once)
    const huge = Object.fromEntries(Array.from({ length: 400_000 }, (_, index) => [`n${index}`, 1]))
    expect(asked('has(args.mode)', huge)).toBe('too much work')
  })
})
