// A file with many routes, issuers or problems is read in proportion to its length: nothing looks through all routes for
// each of them. Growth is measured as a ratio of CPU times.
import { describe, expect, test } from 'vitest'
import { checkAuthorizationServer } from '../../src/config/check-as.ts'
import { checkIssuers } from '../../src/config/check-issuers.ts'
import { checkNames } from '../../src/config/check-names.ts'
import { checkPaths } from '../../src/config/check-paths.ts'
import { checkVerifierSettings } from '../../src/config/check-verifier.ts'
import { problemsIn } from '../../src/config/problem.ts'
import { consequencesOf } from '../../src/config/repair.ts'
import type { Settings } from '../../src/core/settings.ts'
import { CONFIG_CHECKS } from '../../src/gateway/checked-config.ts'
import { growthOf, LINEAR } from '../support/growth.ts'
import { load, problemsOf, settingsOf } from './support.ts'

const MOST = 16_384
const HEAD = 'public_url: https://mcp.example.com\nissuers:\n  corp: { issuer: https://login.example.com }\n'
const lines = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `${line(n)}\n`).join('')
const route = (n: number, more: string) =>
  `  - { name: r${n}, path: /r${n}, upstream: http://127.0.0.1:3001/mcp, ${more} }`
const routes = (count: number, more: (n: number) => string) =>
  `routes:\n${lines(count, (n) => route(n, more(n)))}`

describe('D34 a check of many', () => {
  const one = settingsOf(HEAD + routes(1, () => 'issuers: [corp]'))
  const [like] = one.routes
  const [issuer] = one.issuers.values()
  /** As many routes, each with an issuer of its own; `trusts` says which it names. */
  const many = (count: number, trusts = (n: number) => [`i${n}`]): Settings => ({
    ...one,
    issuers: new Map(
      Array.from({ length: count }, (_, n) => {
        const introspection = { endpoint: undefined } as never
        return [`i${n}`, { ...(issuer as NonNullable<typeof issuer>), name: `i${n}`, introspection }]
      }),
    ),
    routes: Array.from({ length: count }, (_, n) => ({
      ...(like as NonNullable<typeof like>),
      ...{ name: `r${n}`, path: `/r${n}`, issuers: trusts(n) },
    })),
  })
  const CHECKS = [checkNames, checkPaths, checkIssuers, checkVerifierSettings, checkAuthorizationServer]
  test.each([...CHECKS, ...CONFIG_CHECKS].map((check) => [check.name, check] as const))(
    '%s',
    (_name, check) => {
      expect(growthOf((count) => check.bind(undefined, many(count)), MOST)).toBeLessThan(LINEAR)
    },
  )

  test('checkNames: routes whose issuers are not there', () => {
    const growth = growthOf(
      (count) =>
        checkNames.bind(
          undefined,
          many(count, (n) => [`x${n}`]),
        ),
      MOST,
    )
    expect(growth).toBeLessThan(LINEAR)
  })

  test('problems and their lines', () => {
    const growth = growthOf((count) => {
      const toProblem = problemsIn('gateway.yaml', 'a: 1\n'.repeat(count))
      return () =>
        Array.from({ length: count }, (_, n) => toProblem({ start: 5 * n, end: 5 * n + 1 }, 'error', ''))
    }, MOST)
    expect(growth).toBeLessThan(LINEAR)
  })

  test('findings beside as many errors', () => {
    const growth = growthOf((count) => {
      const paths = Array.from({ length: count }, (_, n) => ['routes', n, 'policy', 'rules', 0])
      const errors = paths.map((path) => ({ path, at: 'key', kind: 'wrong', message: '' }) as const)
      return () => {
        const isConsequence = consequencesOf(errors)
        return paths.filter((path) => isConsequence({ path, severity: 'error', message: '' }))
      }
    }, MOST)
    expect(growth).toBeLessThan(LINEAR)
  })
})

const FILES: readonly (readonly [what: string, text: (count: number) => string])[] = [
  [
    'routes with a warning each',
    (count) => routes(count, () => 'issuers: [corp], policy: { default: allow }'),
  ],
  ['routes with an unknown key each', (count) => routes(count, () => 'issuers: [corp], colour: red')],
  [
    'routes that share a policy by an alias',
    (count) =>
      `${routes(1, () => 'issuers: [corp], policy: &all { rules: [{ tools: [a] }] }')}${lines(count, (n) => route(n + 1, 'issuers: [corp], policy: *all'))}`,
  ],
]
test.each(FILES)(
  'D34 a file of %s',
  (_what, text) => {
    const took = (count: number) => {
      const written = HEAD + text(count)
      const start = performance.now()
      load(written, CONFIG_CHECKS)
      return performance.now() - start
    }
    // In turns, and again while it looks quadratic: a busy machine only ever makes one longer.
    let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let round = 0; round < 6 && (round < 2 || long / short >= LINEAR); round += 1) {
      short = Math.min(short, took(500))
      long = Math.min(long, took(2_000))
    }
    expect(long / short).toBeLessThan(LINEAR)
  },
  60_000,
)

test('D34 ten thousand routes fit into a file', () => {
  const policy = 'policy: { rules: [{ tools: [list_notes, "read_*"], scopes: [a] }, { tools: [b] }] }'
  const loaded = load(HEAD + routes(10_000, () => `issuers: [corp], scopes: [a], ${policy}`))
  expect(problemsOf(loaded)).toEqual([])
  expect(loaded.ok && loaded.settings.routes.length).toBe(10_000)
}, 60_000)
