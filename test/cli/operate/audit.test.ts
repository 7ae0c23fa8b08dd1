// `portcullis audit --summary`: what it counts, what it leaves, and how it says so. Lines are in audit-lines.test.ts.
import { describe, expect, test } from 'vitest'
import { run as audit } from '../../../src/cli/operate/audit.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const NOW = Date.now()
const time = (hoursAgo: number) => new Date(NOW - hoursAgo * 3_600_000).toISOString()
const line = (hoursAgo: number, members: object) =>
  JSON.stringify({ time: time(hoursAgo), stream: 'audit', ...members })
const decision = (hoursAgo: number, members: object) =>
  line(hoursAgo, { event: 'decision', route: 'notes', ...members })

const rejected = { decision: 'refused', reason: 'token_rejected', check: 'expiry' }
const missing = {
  ...{ decision: 'refused', reason: 'scope_missing', missing: ['notes:write'], target: 'add_note' },
  client: 'desk',
}
const FILES = {
  'audit.jsonl': [
    decision(1, { ...rejected, client: 'desk' }),
    decision(2, { ...rejected, client: 'desk' }),
    decision(2, { ...rejected, check: 'signature' }),
    decision(2, { decision: 'refused', reason: 'token_missing' }),
    decision(3, missing),
    decision(3, { decision: 'allowed', client: 'desk' }),
    line(4, { event: 'admitted', route: 'notes' }),
    line(4, { event: 'secret_rotated', actor: 'operator ada', client: 'desk' }),
    line(5, {
      event: 'revoked',
      actor: 'client desk',
      subject: 'ben',
      client: 'desk',
      detail: 'refresh_token',
    }),
    'no JSON',
    '{"stream":"other","event":"secret_rotated"}',
  ].join('\n'),
  'audit.jsonl.1': [line(48, { event: 'key_rotated', actor: 'operator ada' }), decision(48, missing)].join(
    '\n',
  ),
}

async function run(...args: readonly string[]) {
  const io = recordingIo({ cwd: folderWith(FILES) })
  const code = await audit(args, io)
  return { code, out: io.out(), err: io.err() }
}

async function figures(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out } = await run('--summary', '--json', ...args)
  expect(code).toBe(0)
  return JSON.parse(out) as Record<string, unknown>
}

describe('audit --summary', () => {
  test('the four figures', async () => {
    expect(await figures('audit.jsonl')).toEqual({
      ...{ decisions: 6, refused: 5, unreadable: 1, leftOut: 0 },
      verificationFailures: [
        {
          client: 'desk',
          route: 'notes',
          ...{ reason: 'token_rejected', check: 'expiry' },
          count: 2,
          last: time(2),
        },
        { route: 'notes', reason: 'token_rejected', check: 'signature', count: 1, last: time(2) },
      ],
      deniedScopes: [
        {
          client: 'desk',
          route: 'notes',
          target: 'add_note',
          missing: ['notes:write'],
          count: 1,
          last: time(3),
        },
      ],
      revocations: [
        {
          ...{ time: time(5), event: 'revoked', actor: 'client desk', subject: 'ben', client: 'desk' },
          detail: 'refresh_token',
        },
      ],
      rotations: [{ time: time(4), event: 'secret_rotated', actor: 'operator ada', client: 'desk' }],
      byTool: [],
      byPerson: [{ name: '', allowed: 1, refused: 5, last: time(3) }],
      byClient: [
        { name: 'desk', allowed: 1, refused: 3, last: time(3) },
        { name: '', allowed: 0, refused: 2, last: time(2) },
      ],
      byReason: [
        { name: 'token_rejected expiry', allowed: 0, refused: 2, last: time(2) },
        { name: 'token_rejected signature', allowed: 0, refused: 1, last: time(2) },
        { name: 'token_missing', allowed: 0, refused: 1, last: time(2) },
        { name: 'scope_missing', allowed: 0, refused: 1, last: time(3) },
      ],
    })
  })

  test('by tool and person, of what fits', async () => {
    const call = { method: 'tools/call', target: 'echo', issuer: 'i', subject: 'ada', decision: 'allowed' }
    const lines = [
      decision(1, call),
      decision(1, { ...call, issuer: 'j' }),
      decision(1, { ...call, subject: 'ben' }),
    ]
    const io = recordingIo({ cwd: folderWith({ 'a.jsonl': lines.join('\n') }) })
    expect(await audit(['--summary', '--json', '--user', 'ada', 'a.jsonl'], io)).toBe(0)
    expect(JSON.parse(io.out())).toMatchObject({
      ...{ decisions: 2, byTool: [{ name: 'echo', allowed: 2, refused: 0 }] },
      byPerson: [{ name: 'ada at i' }, { name: 'ada at j' }],
    })
  })

  test('several files, and not before --since', async () => {
    const files = ['audit.jsonl.1', 'audit.jsonl']
    expect(await figures(...files)).toMatchObject({
      ...{ decisions: 7, deniedScopes: [{ count: 2 }] },
      rotations: [{ event: 'key_rotated' }, { event: 'secret_rotated' }],
    })
    expect(await figures('--since', '24h', ...files)).toMatchObject({
      ...{ decisions: 6, deniedScopes: [{ count: 1 }], rotations: [{ event: 'secret_rotated' }] },
    })
  })

  test('as text', async () => {
    const { code, out, err } = await run('--summary', 'audit.jsonl')
    expect(code).toBe(0)
    expect(out).toMatch(/^6 decisions, 5 refused\n/)
    expect(out).toMatch(/\n2 +desk +notes +token_rejected +expiry/)
    expect(out).toMatch(/\n1 +\(not proved\) +notes +token_rejected +signature/)
    expect(out).toMatch(/secrets and keys replaced: \n.*\n\S+ +secret_rotated +operator ada/)
    expect(out).toMatch(/1 lines could not be read/)
    expect(out).toMatch(/by client: \nallowed +refused +client +last\n1 +3 +desk/)
    expect(out).toMatch(/by reason: \n.*\n0 +2 +token_rejected expiry/)
    expect(err).toBe('audit.jsonl:10: cannot be read: no JSON object\n')
  })

  test.each([
    ['a time that is none', ['--summary', '--since', 'soon', 'audit.jsonl'], 2, /--since takes a time/],
    ['a file that is not there', ['--summary', 'other.jsonl'], 1, /cannot read an audit file \(ENOENT\)/],
  ])('%s', async (_name, args, code, words) => {
    const told = await run(...args)
    expect(told).toMatchObject({ code, out: '' })
    expect(told.err).toMatch(words)
  })
})
