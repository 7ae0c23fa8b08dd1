// `portcullis matrix`, `diff` and `explain --since`: what they print, and their exit codes.
import { describe, expect, test } from 'vitest'
import { run as diff } from '../../../src/cli/policy/diff.ts'
import { run as explain } from '../../../src/cli/policy/explain.ts'
import { run as matrix } from '../../../src/cli/policy/matrix.ts'
import type { Command } from '../../../src/cli/shared/command.ts'
import { gatewayYaml } from '../shared/gateway-yaml.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const RULES = [
  '{ name: pay, tools: [pay], scopes: [pay], when: "args.sum < 10 || args.note == \'a,b\'" }',
  '{ name: no-bots, effect: deny, tools: ["=cmd()"], who: { clients: [ci-bot] }, mode: observe }',
]

async function run(command: Command, files: Readonly<Record<string, string>>, args: readonly string[]) {
  const io = recordingIo({ cwd: folderWith(files) })
  return { code: await command(args, io), out: io.out(), err: io.err() }
}

const FILE = { 'gateway.yaml': gatewayYaml(RULES) }

describe('portcullis matrix', () => {
  test('as text: a heading, and columns', async () => {
    const { code, out } = await run(matrix, FILE, [])
    expect(code).toBe(0)
    expect(out.split('\n')[0]).toMatch(/^route +kind +target +who +scopes +when +rule$/)
    expect(out).toMatch(/\nnotes +tool +\*_note +everybody +notes:read \+ notes:write +writing\n/)
    expect(out).toMatch(/\nnotes +tool +drop_note +everybody +denied +never\n/)
  })

  test('as CSV: RFC 4180, and nothing that a spreadsheet would run', async () => {
    const { out } = await run(matrix, FILE, ['--csv'])
    expect(out).toContain(
      `notes,tool,pay,everybody,notes:read + pay,"args.sum < 10 || args.note == 'a,b'",pay\r\n`,
    )
    expect(out).toContain("notes,tool,'=cmd(),client ci-bot,denied (only observed),,no-bots\r\n")
  })

  test('as Markdown: no cell breaks the table', async () => {
    const { out } = await run(matrix, FILE, ['--markdown'])
    expect(out.split('\n')[1]).toBe('|---|---|---|---|---|---|---|')
    const unescaped = out.split('\n').filter((line) => line !== '' && line.split(/(?<!\\)\|/).length !== 9)
    expect(unescaped).toEqual([])
  })

  test('as JSON', async () => {
    const { out } = await run(matrix, FILE, ['--json', '--route', 'notes'])
    expect((JSON.parse(out) as { rule: string }[]).map(({ rule }) => rule)).toContain('pay')
  })

  test.each([
    [['--csv', '--json'], 2],
    [['--route', 'nowhere'], 2],
    [['-c', 'none.yaml'], 78],
  ] as const)('%j: exit %d', async (args, expected) => {
    const { code, out } = await run(matrix, FILE, args)
    expect([code, out]).toEqual([expected, ''])
  })
})

describe('portcullis diff', () => {
  const wider = gatewayYaml(['{ name: pay, tools: [pay] }'])
  const files = { ...FILE, 'wider.yaml': wider, 'broken.yaml': 'routes: []\n' }
  test.each([
    [
      'what is wider: 1',
      ['gateway.yaml', 'wider.yaml'],
      1,
      /^widens {3}notes: tool pay with notes:read: refused → allowed\n/,
    ],
    [
      'what is narrower: 0',
      ['wider.yaml'],
      0,
      /^narrows {2}notes: tool pay with notes:read: allowed → refused\n/,
    ],
    ['the same: 0', ['gateway.yaml'], 0, /^nothing is wider and nothing is narrower\n$/],
    ['for a program', ['--json', 'gateway.yaml', 'wider.yaml'], 1, /"direction": "widens"/],
    ['a broken file: 78', ['broken.yaml'], 78, /^$/],
    ['no file: 2', [], 2, /^$/],
  ] as const)('%s', async (_what, args, expected, told) => {
    const { code, out } = await run(diff, files, args)
    expect(code).toBe(expected)
    expect(out).toMatch(told)
  })
})

describe('portcullis explain --since', () => {
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
  const line = (hours: number, more: object = {}) =>
    JSON.stringify({
      ...{ time: ago(hours), stream: 'audit', event: 'decision', route: 'notes', method: 'tools/call' },
      ...{ target: 'pay', issuer: 'i', subject: 'ada', client: 'desk', decision: 'allowed', ...more },
    })
  const would = { would: { reason: 'call_forbidden', rule: 'no-bots' } }
  const scopes = { would: { reason: 'scope_missing', rule: 'pay', missing: ['pay'] } }
  const lines = [
    line(1, would),
    line(2, { ...would, subject: 'bob', client: 'web' }),
    line(3, { ...scopes, target: 'x\u001b[2J' }),
    line(4),
    line(30, would),
    line(1, { ...would, event: 'admitted' }),
    line(1, { ...would, route: 'other' }),
    'not json',
  ]
  const files = {
    ...FILE,
    'audit.jsonl': `${lines.join('\n')}\n`,
    'quiet.jsonl': `${line(1)}\n`,
    'broken.yaml': 'routes: 7',
  }

  test('says what enforcing would refuse, for how many, and skips what is older', async () => {
    const { code, out } = await run(explain, files, [
      '--since',
      '24h',
      '--audit',
      'audit.jsonl',
      '--route',
      'notes',
    ])
    expect(code).toBe(1)
    expect(out.split('\n')).toEqual([
      'enforcing would refuse 3 of 4 requests',
      '  2 × notes: tools/call pay: call_forbidden, by no-bots; 2 callers with desk, web',
      '  1 × notes: tools/call x\\u001b[2J: scope_missing pay, by pay; 1 callers with desk',
      '1 lines could not be read',
      '',
    ])
  })

  test('says how many were refused without that', async () => {
    const refused = { decision: 'refused', reason: 'scope_missing', missing: ['pay'] }
    const five = [line(1, refused), line(1, refused), line(1, refused), line(1), line(1)]
    const { code, out } = await run(explain, { ...FILE, 'five.jsonl': five.join('\n') }, [
      ...['--since', '24h', '--audit', 'five.jsonl'],
    ])
    expect([code, out]).toEqual([
      0,
      '3 of 5 requests were refused; enforcing would refuse 0 of the other 2\n',
    ])
  })

  test('for a program', async () => {
    const { out } = await run(explain, files, ['--since', '24h', '--audit', 'audit.jsonl', '--json'])
    expect(JSON.parse(out)).toMatchObject({
      decisions: 5,
      unreadable: 1,
      wouldRefuse: [{ calls: 2, callers: 2 }, {}, {}],
    })
  })

  test.each([
    ['nothing would be refused: 0', ['--since', '24h', '--audit', 'quiet.jsonl'], 0, ''],
    ['no time: 2', ['--since', 'soon', '--audit', 'quiet.jsonl'], 2, '--since takes a time'],
    ['no such file: 2', ['--since', '24h', '--audit', 'none.jsonl'], 2, 'ENOENT'],
    ['a broken file: 78', ['--since', '24h', '-c', 'broken.yaml'], 78, 'broken.yaml'],
    ['an audit on standard output: 2', ['--since', '24h'], 2, 'needs --audit FILE'],
  ] as const)('%s', async (_what, args, expected, told) => {
    const { code, err } = await run(explain, files, args)
    expect(code).toBe(expected)
    expect(err).toContain(told)
  })
})
