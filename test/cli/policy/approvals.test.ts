// What `explain`, `matrix`, `diff` and the tests of `check` say of rules that ask for approval.
import { describe, expect, test } from 'vitest'
import { run as check } from '../../../src/cli/policy/check.ts'
import { run as diff } from '../../../src/cli/policy/diff.ts'
import { run as explain } from '../../../src/cli/policy/explain.ts'
import { run as matrix } from '../../../src/cli/policy/matrix.ts'
import type { Command } from '../../../src/cli/shared/command.ts'
import { gatewayYaml, RESOURCE } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const PURGE = '{ name: purge, effect: approve, tools: [purge_note], approvers: { subjects: [ada, grace] } }'
const OPEN = '{ name: purge, tools: [purge_note] }'
const CLAIMS = {
  ...{ iss: 'http://127.0.0.1:9', aud: RESOURCE, sub: 'bob', scope: 'notes:read' },
  ...{ iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 600 },
}

async function run(command: Command, args: readonly string[], rules: readonly string[] = [PURGE], more = '') {
  const files = {
    'gateway.yaml': gatewayYaml(rules) + more,
    'open.yaml': gatewayYaml([OPEN]),
    'other.yaml': gatewayYaml([PURGE.replace('grace', 'boss')]),
    'claims.json': JSON.stringify(CLAIMS),
  }
  const io = recordingIo({ cwd: folderWith(files) })
  return { code: await command(args, io), out: io.out(), err: io.err() }
}

test('explain says who approves', async () => {
  const { code, out } = await run(explain, [
    ...['--route', 'notes', '--claims', 'claims.json', 'tools/call', 'purge_note'],
  ])
  expect(code).toBe(1)
  expect(out).toContain('waits for approval, by `purge`: it is allowed once somebody else has approved')
  expect(out).toContain('rule `purge` asks for approval by subject ada or grace: its scopes are held')
  expect(out).toMatch(/\nwaits for approval, each time it is called\n$/)
})

test('matrix says who approves', async () => {
  const { out } = await run(matrix, ['--csv'])
  expect(out).toContain(
    'notes,tool,purge_note,everybody,notes:read; with approval by subject ada or grace,,purge\r\n',
  )
})

describe('diff', () => {
  test.each([
    ['an approval less is wider', ['gateway.yaml', 'open.yaml'], 1, 'widens '],
    ['an approval more is narrower', ['open.yaml', 'gateway.yaml'], 0, 'narrows'],
    ['other approvers count as wider', ['gateway.yaml', 'other.yaml'], 1, 'widens '],
  ])('%s', async (_what, args, expected, direction) => {
    const { code, out } = await run(diff, args)
    expect(out).toContain(`${direction}  notes: tool purge_note with notes:read: `)
    expect(out).toContain('allowed, once approved by subject ada or grace')
    expect(code).toBe(expected)
  })
})

test.each([
  ['approval', 0],
  ['allowed', 1],
  ['refused', 1],
])('a test of the file that expects %s: exit %d', async (expect_, expected) => {
  const written = `    tests:\n      - { who: { scopes: [notes:read] }, call: { target: purge_note }, expect: ${expect_} }\n`
  const { code, err } = await run(check, [], [PURGE], written)
  expect(code).toBe(expected)
  if (expected === 1) expect(err).toContain('got      approval, by `purge`')
})

describe('check', () => {
  test.each([
    ['no approvers', '{ effect: approve, tools: [x] }', 'missing key "approvers"; expected who approves'],
    [
      'approvers of another rule',
      '{ tools: [x], approvers: { subjects: [a] } }',
      'only a rule with `effect: approve`',
    ],
    [
      'a prompt',
      '{ effect: approve, prompts: [x], approvers: { subjects: [a] } }',
      'an approve rule is about tools',
    ],
    [
      'approvers by what a decision does not say',
      '{ effect: approve, tools: [x], approvers: { roles: [lead] } }',
      'unknown key "roles"',
    ],
    ['approvers that name nobody', '{ effect: approve, tools: [x], approvers: {} }', 'name at least one of'],
    [
      'an issuer that is not there',
      '{ effect: approve, tools: [x], approvers: { issuers: [nowhere] } }',
      'no issuer is named "nowhere"',
    ],
    [
      'an allow rule that never speaks',
      '{ name: a, tools: [purge_note] }',
      'never allows anything by itself',
    ],
    [
      'a token that is not there',
      '{ effect: approve, tools: [x], approvers: { tokens: [night] } }',
      'admin.tokens names no "night"',
    ],
    ['a deny rule over it', '{ name: d, effect: deny, tools: [purge_note] }', 'covers all of its targets'],
  ])('%s', async (_what, rule, message) => {
    const { code, err } = await run(check, [], [PURGE, rule])
    expect(err).toContain(message)
    expect(code).toBe(78)
  })
})
