// `tests` of a route, run by `portcullis check`.
import { describe, expect, test } from 'vitest'
import { run as check } from '../../../src/cli/policy/check.ts'
import { gatewayYaml } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const RULES = [
  '{ name: pay, tools: [pay], scopes: [pay], when: "args.amount <= 100" }',
  '{ name: team, tools: [deploy], who: { groups: { claim: realm.groups, any: [ops] } } }',
  '{ name: day, tools: [call_me], when: "now.getHours() >= 8 && now.getHours() < 18" }',
  '{ name: quiet, effect: deny, tools: [list_notes], who: { clients: [bot] }, mode: observe }',
]

async function run(tests: readonly string[], args: readonly string[] = []) {
  const yaml = `${gatewayYaml(RULES)}    tests:\n${tests.map((each) => `      - ${each}\n`).join('')}`
  const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': yaml }) })
  return { code: await check(args, io), out: io.out(), err: io.err() }
}

const WHO = 'who: { client: desk, scopes: [notes:read] }'

describe('tests that hold', () => {
  const cases: readonly (readonly [what: string, test: string])[] = [
    ['allowed', `{ ${WHO}, call: { target: list_notes }, expect: allowed }`],
    ['refused', `{ ${WHO}, call: { target: drop_note }, expect: refused }`],
    ['unruled', `{ ${WHO}, call: { target: nobody_knows }, expect: refused }`],
    ['a challenge', `{ ${WHO}, call: { target: add_note }, expect: { scope: [notes:write, notes:read] } }`],
    ['nobody', '{ call: { target: list_notes }, expect: refused }'],
    [
      'arguments',
      '{ who: { scopes: [notes:read, pay] }, call: { target: pay, args: { amount: 100 } }, expect: allowed }',
    ],
    [
      'other arguments',
      '{ who: { scopes: [notes:read, pay] }, call: { target: pay, args: { amount: 101 } }, expect: refused }',
    ],
    [
      'a group',
      '{ who: { scopes: [notes:read], claims: { realm: { groups: [ops] } } }, call: { target: deploy }, expect: allowed }',
    ],
    ['no group', `{ ${WHO}, call: { target: deploy }, expect: refused }`],
    ['a time', `{ ${WHO}, call: { target: call_me, at: "2026-12-24T17:59:00Z" }, expect: allowed }`],
    ['another time', `{ ${WHO}, call: { target: call_me, at: "2026-12-24T18:00:00Z" }, expect: refused }`],
    [
      'what is only observed',
      '{ who: { client: bot, scopes: [notes:read] }, call: { target: list_notes }, expect: refused }',
    ],
    ['a method', `{ ${WHO}, call: { method: tools/list }, expect: allowed }`],
  ]
  test.each(cases)('%s', async (_what, written) => {
    const { code, out, err } = await run([written])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('1 test')
  })
})

describe('tests that fail', () => {
  const cases: readonly (readonly [what: string, test: string, got: RegExp])[] = [
    [
      'allowed',
      `{ ${WHO}, call: { target: list_notes }, expect: refused }`,
      /expected refused\n +got +allowed by `reading`/,
    ],
    [
      'a challenge is no plain refusal',
      `{ ${WHO}, call: { target: add_note }, expect: refused }`,
      /a challenge for notes:read notes:write, by `writing`/,
    ],
    [
      'another challenge',
      `{ ${WHO}, call: { target: add_note }, expect: { scope: [notes:write] } }`,
      /expected a challenge for notes:write\n/,
    ],
    [
      'refused',
      `{ ${WHO}, call: { target: drop_note }, expect: allowed }`,
      /refused by `never` \(call_forbidden\)/,
    ],
    [
      'a message that is none',
      `{ ${WHO}, call: { method: tools/call }, expect: refused }`,
      /the gateway would refuse this message/,
    ],
  ]
  test.each(cases)('%s', async (_what, written, got) => {
    const { code, out, err } = await run([
      written,
      `{ name: fine, ${WHO}, call: { target: list_notes }, expect: allowed }`,
    ])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(got)
    expect(err).toMatch(/test failed: notes: tests\[0\]\n/)
    expect(err).toMatch(/1 of 2 tests failed/)
  })

  test('for a program', async () => {
    const { code, out } = await run(
      [`{ name: t, ${WHO}, call: { target: drop_note }, expect: allowed }`],
      ['--json'],
    )
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ ok: false, tests: [{ route: 'notes', name: 't', ok: false }] })
  })
})
