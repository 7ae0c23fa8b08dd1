// Random policies, callers and calls for the laws: small alphabets, so that rules meet.
import fc from 'fast-check'
import type { Call, Target } from '../../src/core/call.ts'
import type { ScopeExpression } from '../../src/core/scopes.ts'
import type { Mode, PolicySettings, RuleSettings } from '../../src/core/settings.ts'
import type { WhoSettings } from '../../src/core/settings-who.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { PolicyOptions } from '../../src/policy/kept-policy.ts'
import { AROUND, callOf, holder, ISSUERS, policy, rule, use } from './policies.ts'

/** Ten thousand random policies and calls in all; `npm run laws` asks for a million. */
export const RUNS = { numRuns: Number(process.env['PORTCULLIS_LAW_RUNS'] ?? 1_000) }
export const SCOPES = ['a', 'b', 'c', 'd', 'e'] as const

export const scope = fc.constantFrom(...SCOPES)
export const scopes = fc.uniqueArray(scope)
export const { expression } = fc.letrec<{ expression: ScopeExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scope,
    fc.record({ any: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ all: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
  ),
}))

export const names = fc.constantFrom('ab', 'a', 'ba', 'b', 'bab')
export const patterns = fc.array(fc.constantFrom('a', 'b', 'ab', 'a*', '*b', '*', 'b*b'), { maxLength: 2 })
export const uris = fc.constantFrom('x://a', 'x://a/b', 'x://b', 'x://a/../b')
export const uriPatterns = fc.array(fc.constantFrom('x://*', 'x://**', 'x://a/**', 'x://b', '**'), {
  maxLength: 2,
})
export const templates = fc.constantFrom('x://{y}', 'x://a/{y}', 'x://b')
export const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ kind: fc.constantFrom('tool', 'prompt'), name: names }),
  fc.record({ kind: fc.constant('resource'), name: uris }),
  fc.record({ kind: fc.constant('template'), name: templates }),
)

/** The caller of these laws is alice, with the client `client` and the role `staff`. */
export const who = fc.constantFrom<WhoSettings | undefined>(
  ...[undefined, undefined, meant({ subjects: ['alice', 'bob'] }), meant({ clients: ['ci-bot'] })],
  ...[meant({ roles: ['staff'], issuers: ['corp'] }), meant({ groups: { claim: 'groups', any: ['ops'] } })],
)

export function meant(keys: Partial<WhoSettings>): WhoSettings {
  return {
    subjects: undefined,
    clients: undefined,
    roles: undefined,
    issuers: undefined,
    groups: undefined,
    ...keys,
  }
}

export const when = fc.constantFrom(
  ...[undefined, undefined, undefined, 'args.x == 1', 'args.x > 1', 'has(args.y)', 'args.y == "a"', 'true'],
  ...[
    '!has(args.x) || args.x == 1',
    'args.x == 1 || principal.subject == "alice"',
    'principal.subject == "bob"',
  ],
  ...['call.target.startsWith("a")', 'principal.claims.none == 1', 'args.x == 1 && args.y == "a"'],
)
export const ARGUMENTS = [
  {},
  { x: 1 },
  { x: 2 },
  { y: 'a' },
  { y: 'b' },
  { x: 1, y: 'a' },
  { x: 2, y: 'a' },
  { x: '1' },
]
export const args = fc.constantFrom<object>(...ARGUMENTS)

export const rules = fc.array(
  fc.record({
    effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    tools: patterns,
    prompts: patterns,
    resources: uriPatterns,
    except: patterns,
    scopes: fc.option(expression, { nil: undefined }),
    requireActive: fc.boolean(),
    who,
    when,
    mode: fc.constantFrom<Mode>('enforce', 'enforce', 'observe'),
  }),
  { maxLength: 5 },
)

export const options: fc.Arbitrary<PolicyOptions> = fc
  .record({
    rules,
    default: fc.constantFrom('allow', 'deny'),
    listing: fc.constantFrom('allowed', 'requestable', 'all'),
    anonymous: fc.constantFrom([], ['tools/call'], ['resources/read']),
    baseline: fc.uniqueArray(scope, { maxLength: 2 }),
    scopesImply: fc.array(fc.tuple(scope, scopes), { maxLength: 3 }),
  })
  .map(({ baseline, scopesImply, ...written }) => ({
    baseline,
    scopesImply: new Map(scopesImply),
    issuers: ISSUERS,
    policy: policy({
      ...written,
      rules: written.rules.map((fields, index) => rule(`rules[${index}]`, withoutDenyScopes(fields))),
    }),
  }))

export function withoutDenyScopes(fields: Partial<RuleSettings>): Partial<RuleSettings> {
  return fields.effect === 'deny'
    ? { ...fields, scopes: undefined, requireActive: false }
    : { ...fields, mode: 'enforce' }
}

/** One target most often; sometimes a call that names several, or a batch. */
export const calls: fc.Arbitrary<readonly Call[]> = fc.array(
  fc.oneof(
    fc.tuple(target, args).map(([{ kind, name }, given]) => use(kind, name, given)),
    fc.array(uris, { maxLength: 2 }).map((listened) =>
      callOf(
        'subscriptions/listen',
        listened.map((name) => ({ kind: 'resource', name })),
      ),
    ),
    fc.constantFrom(callOf('tools/list'), callOf('x/y')),
  ),
  { minLength: 1, maxLength: 3 },
)

export function decide(settings: PolicyOptions, granted: readonly string[], sent: readonly Call[]) {
  return compilePolicy(settings).decide(holder(granted), { era: 'modern', calls: sent }, AROUND)
}

export function allows(settings: PolicyOptions, granted: readonly string[], sent: readonly Call[]): boolean {
  return decide(settings, granted, sent).refusal === undefined
}

export function withRules(
  settings: PolicyOptions,
  change: (rules: readonly RuleSettings[]) => RuleSettings[],
): PolicyOptions {
  const changed: PolicySettings = { ...settings.policy, rules: change(settings.policy.rules) }
  return { ...settings, policy: changed }
}
