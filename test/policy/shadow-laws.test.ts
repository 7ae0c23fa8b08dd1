// What the checks call needless must be needless for every caller and target.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Target } from '../../src/core/call.ts'
import type { RuleSettings } from '../../src/core/settings.ts'
import { checkPolicies } from '../../src/policy/check.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { AROUND, holder, policy as policyOf, rule, use } from './policies.ts'
import { settingsWith } from './settings.ts'

const SCOPES = [[], ['a'], ['b'], ['c'], ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a', 'b', 'c']]
const TARGETS: readonly Target[] = [
  ...['', 'x', 'y', 'xy', 'yx', 'xx', 'xyx'].map((name) => ({ kind: 'tool', name }) as const),
  ...['u://x', 'u://x/y', 'u://y', 'u://'].map((name) => ({ kind: 'resource', name }) as const),
]

const patterns = fc.array(fc.constantFrom('x', 'x*', '*y', '*', 'x*x'), { maxLength: 2 })
const uris = fc.array(fc.constantFrom('u://*', 'u://**', 'u://x', 'u://x/*'), { maxLength: 2 })
const scopes = fc.constantFrom(
  undefined,
  { any: ['a'] },
  { any: ['a', 'b'] },
  { all: ['a', 'b'] },
  { any: ['c'] },
)
const anyRule = fc
  .record({
    effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    tools: patterns,
    resources: uris,
    except: fc.array(fc.constantFrom('x', '*y', 'u://x', 'u://**'), { maxLength: 1 }),
    scopes,
    requireActive: fc.boolean(),
  })
  .filter(({ tools, resources }) => tools.length + resources.length > 0)
const policies = fc.record({
  fields: fc.array(anyRule, { minLength: 2, maxLength: 5 }),
  scopesImply: fc.constantFrom(
    new Map<string, readonly string[]>(),
    new Map([['c', ['a']]]),
    new Map([
      ['a', ['b']],
      ['b', ['a']],
    ]),
  ),
})

/** Every answer that the rules give, with nothing else to fall back on. */
function answers(
  rules: readonly RuleSettings[],
  scopesImply: ReadonlyMap<string, readonly string[]>,
): boolean[] {
  const policy = compilePolicy({ policy: policyOf({ rules }), baseline: [], scopesImply, issuers: new Map() })
  return TARGETS.flatMap(({ kind, name }) =>
    SCOPES.map((held) => {
      const { refusal } = policy.decide(holder(held), { era: 'modern', calls: [use(kind, name)] }, AROUND)
      return refusal === undefined
    }),
  )
}

it('decision 9: without the erroneous rules, one or all, every answer is the same', () => {
  let errors = 0
  fc.assert(
    fc.property(policies, ({ fields, scopesImply }) => {
      const rules = fields.map((each, index) => rule(`rules[${index}]`, each))
      const found = checkPolicies(settingsWith({ policy: { rules }, scopesImply }))
      const idle = new Set(
        found.flatMap(({ severity, path }) => (severity === 'error' ? Number(path[4]) : [])),
      )
      const before = answers(rules, scopesImply)
      const without = (gone: ReadonlySet<number>) => rules.filter((_, index) => !gone.has(index))
      for (const index of idle) expect(answers(without(new Set([index])), scopesImply)).toEqual(before)
      expect(answers(without(idle), scopesImply)).toEqual(before)
      errors += idle.size
    }),
    { numRuns: 1_000 },
  )
  expect(errors).toBeGreaterThan(100)
})
