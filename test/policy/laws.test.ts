// What must hold for every policy, not only for those in the tables.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/core/call.ts'
import type { Mode } from '../../src/core/settings.ts'
import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts'
import type { PolicyOptions } from '../../src/policy/kept-policy.ts'
import { AROUND, callOf, holder, rule, use } from './policies.ts'
import {
  ARGUMENTS,
  allows,
  calls,
  decide,
  options,
  patterns,
  RUNS,
  SCOPES,
  scope,
  scopes,
  target,
  uriPatterns,
  when,
  who,
  withRules,
} from './random.ts'

/** Plain computing, some milliseconds a run, which a busy machine stretches. */
const PATIENCE_MS = 120 * RUNS.numRuns

describe('laws of every policy', { timeout: PATIENCE_MS }, () => {
  it('a deny rule more never allows more', () => {
    const reach = { tools: patterns, prompts: patterns, resources: uriPatterns, except: patterns }
    const denial = fc.record({ ...reach, who, when, mode: fc.constantFrom<Mode>('enforce', 'observe') })
    fc.assert(
      fc.property(options, denial, scopes, calls, fc.nat(5), (settings, fields, granted, sent, at) => {
        const deny = rule('deny', { ...fields, effect: 'deny' })
        const stricter = withRules(settings, (before) => before.toSpliced(at, 0, deny))
        fc.pre(allows(stricter, granted, sent))
        expect(allows(settings, granted, sent)).toBe(true)
      }),
      RUNS,
    )
  })

  it('a scope more never allows less', () => {
    fc.assert(
      fc.property(options, scopes, scope, calls, (settings, granted, more, sent) => {
        fc.pre(allows(settings, granted, sent))
        expect(allows(settings, [...granted, more], sent)).toBe(true)
      }),
      RUNS,
    )
  })

  it('CHL-10 CHL-11: a challenge is sorted, adds what is missing, and suffices alone', () => {
    fc.assert(
      fc.property(options, scopes, calls, (settings, granted, sent) => {
        const { refusal } = decide(settings, granted, sent)
        fc.pre(refusal?.reason === 'scope_missing')
        expect(refusal.challenge).toEqual([...new Set(refusal.challenge)].sort())
        expect(refusal.missing.length).toBeGreaterThan(0)
        expect(refusal.challenge).toEqual(expect.arrayContaining([...refusal.missing, ...settings.baseline]))
        expect(allows(settings, refusal.challenge, sent)).toBe(true)
      }),
      RUNS,
    )
  })

  it('no smaller set of further scopes would do for one target', () => {
    const masks = Array.from({ length: 2 ** SCOPES.length }, (_, mask) => mask)
    const subsets = masks.map((mask) => SCOPES.filter((_, bit) => (mask >> bit) % 2 === 1))
    fc.assert(
      fc.property(options, scopes, target, (written, granted, { kind, name }) => {
        const settings = { ...written, scopesImply: new Map() }
        const sent = [use(kind, name)]
        const { refusal } = decide(settings, granted, sent)
        fc.pre(refusal?.reason === 'scope_missing')
        const sufficient = subsets.filter((more) => allows(settings, [...granted, ...more], sent))
        expect(refusal.missing.length).toBe(Math.min(...sufficient.map((more) => more.length)))
      }),
      RUNS,
    )
  })

  const LISTED_FOR = {
    tool: 'tools/call',
    prompt: 'prompts/get',
    resource: 'resources/read',
    template: 'resources/read',
  }

  it('SCP-03: a list shows what some arguments would be allowed, and nothing that none would', () => {
    fc.assert(
      fc.property(options, scopes, target, (settings, granted, { kind, name }) => {
        const compiled = compilePolicy(settings)
        const curable = settings.policy.listing === 'requestable'
        const open = ARGUMENTS.some((given) => {
          const call = callOf(LISTED_FOR[kind], [{ kind, name }], 'request', given)
          const { refusal } = compiled.decide(holder(granted), { era: 'modern', calls: [call] }, AROUND)
          return refusal === undefined || (curable && refusal.reason === 'scope_missing')
        })
        const shown = compiled.shows(holder(granted), kind, name, AROUND)
        if (settings.policy.listing === 'all') expect(shown).toBe(true)
        else if (open) expect(shown).toBe(true)
        // Two conditions that exclude each other are each possible; that they never hold together is not found.
        else if (waiting(compiled, granted, { kind, name }) < 2) expect(shown).toBe(false)
      }),
      RUNS,
    )
  })

  function waiting(compiled: CompiledPolicy, granted: readonly string[], listed: Target): number {
    return compiled.outlook(holder(granted), listed, AROUND).conditions.length
  }

  it('decision 8: a deny rule that is only observed changes nothing but what is told', () => {
    fc.assert(
      fc.property(options, scopes, calls, (settings, granted, sent) => {
        const made = decide(settings, granted, sent)
        const without = withRules(settings, (before) => before.filter(({ mode }) => mode === 'enforce'))
        const told = { shadowRefusal: undefined, faulty: undefined }
        const counting = new Set(without.policy.rules.map(({ name }) => name))
        const answers = made.answers?.filter(({ rule: name }) => counting.has(name)) ?? []
        const bare = { answers: [], ...decide(without, granted, sent) }
        expect({ ...made, ...told, answers }).toEqual({ ...bare, ...told })
        const enforced = withRules(settings, (before) => before.map((each) => ({ ...each, mode: 'enforce' })))
        const strict = decide(enforced, granted, sent).refusal
        expect(made.shadowRefusal?.reason ?? made.refusal?.reason).toBe(strict?.reason)
      }),
      RUNS,
    )
  })

  it('decision 8: an observed policy refuses for the baseline, unsafe URIs and unknown methods only', () => {
    fc.assert(
      fc.property(options, scopes, calls, (settings, granted, sent) => {
        const observed: PolicyOptions = { ...settings, policy: { ...settings.policy, mode: 'observe' } }
        const { refusal, rule: spoke } = decide(observed, granted, sent)
        if (refusal?.reason === 'scope_missing') {
          expect(settings.baseline).toEqual(expect.arrayContaining([...refusal.missing]))
        } else if (refusal !== undefined) expect(['unsafe_uri', 'methods', 'default']).toContain(spoke)
      }),
      RUNS,
    )
  })

  it('M17: a batch is allowed exactly when each of its calls is', () => {
    fc.assert(
      fc.property(options, scopes, calls, (settings, granted, sent) => {
        const each = sent.every((call) => allows(settings, granted, [call]))
        expect(allows(settings, granted, sent)).toBe(each)
      }),
      RUNS,
    )
  })

  it('without a token nothing is open that is not open with the emptiest one', () => {
    fc.assert(
      fc.property(options, calls, (settings, sent) => {
        const { refusal } = compilePolicy(settings).decide(undefined, { era: 'modern', calls: sent }, AROUND)
        expect([undefined, 'token_missing']).toContain(refusal?.reason)
        if (refusal === undefined) expect(allows(settings, [], sent)).toBe(true)
      }),
      RUNS,
    )
  })

  it('explain tells the decision that is made', () => {
    fc.assert(
      fc.property(options, scopes, target, (settings, granted, { kind, name }) => {
        const compiled = compilePolicy(settings)
        const call = use(kind, name)
        const made = compiled.decide(holder(granted), { era: 'modern', calls: [call] }, AROUND)
        const told = compiled.explain(holder(granted), call, AROUND)
        expect([told.decision, told.rule, told.active]).toEqual([
          made.refusal?.reason ?? 'allowed',
          made.rule,
          made.requireActive,
        ])
        const truths = told.targets.flatMap((each) => (each.judgeable ? each.rules : []))
        const denied = truths.some(
          ({ effect, says, observed }) =>
            effect === 'deny' && !observed && ['true', 'fault', 'unknown'].includes(says),
        )
        if (denied) expect(told.decision).toBe('call_forbidden')
      }),
      RUNS,
    )
  })
})
