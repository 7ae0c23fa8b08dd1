// `portcullis audit`: lines in words, of rotated and compressed files, in the order of time; and what cannot be read. Following
// is in audit-follow.test.ts.
import { mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { run as audit } from '../../../src/cli/operate/audit.ts'
import { MAX_AUDIT_LINE_BYTES } from '../../../src/observe/audit-line.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'
import { DAY, folderOf, line, text } from './audit-texts.ts'

async function run(files: Readonly<Record<string, string | Uint8Array>>, ...args: readonly string[]) {
  const io = recordingIo({ cwd: folderOf(files) })
  const code = await audit(args, io)
  return {
    code,
    out: io.out(),
    err: io.err(),
    clocks: [...io.out().matchAll(/ (\d\d:\d\d:\d\d)Z/g)].map(([, at]) => at),
  }
}

describe('lines of the files of the configuration', () => {
  test('rotated and compressed ones in the order of time, whatever they are called', async () => {
    const { code, clocks, err } = await run({
      'audit.jsonl': text(line('12:00:00'), line('13:00:00')),
      'audit.jsonl.1': text(line('10:00:00'), line('11:00:00')),
      'audit.jsonl.2.gz': gzipSync(text(line('08:00:00'), line('09:00:00'))),
      'audit.jsonl-20261129.zst': zstdCompressSync(text(line('06:00:00'), line('07:00:00'))),
      'audit-2026-11-28.jsonl.gz': gzipSync(text(line('05:00:00'))),
      'audit.jsonl.bak': text(line('01:00:00')),
      'audit.jsonl.policies': text(line('02:00:00')),
    })
    expect([code, err]).toEqual([0, ''])
    expect(clocks).toEqual(
      ['05', '06', '07', '08', '09', '10', '11', '12', '13'].map((hour) => `${hour}:00:00`),
    )
  })

  test('two gateways that overlap, and workers that wrote a second late', async () => {
    const files = {
      'a.jsonl': text(line('10:00:00'), line('10:00:02'), line('10:00:01'), line('10:00:05')),
      'b.jsonl': text(line('10:00:03'), line('10:00:04')),
    }
    const { clocks } = await run(files, 'a.jsonl', 'b.jsonl')
    expect(clocks).toEqual(['10:00:00', '10:00:01', '10:00:02', '10:00:03', '10:00:04', '10:00:05'])
  })

  test('in words', async () => {
    const refused = {
      decision: 'refused',
      reason: 'scope_missing',
      missing: ['notes:admin'],
      scopes: ['notes:read'],
    }
    const { out } = await run({
      'audit.jsonl': text(line('14:03:11', { ...refused, request_id: 'id-x', target: 'purge' })),
    })
    expect(out).toBe(
      '2026-11-29 14:03:11Z ada · desk · notes · purge · refused: needs notes:admin (granted: notes:read) · id-x\n',
    )
  })

  test('K05 names cannot look like another part, or act on a terminal', async () => {
    const evil = { subject: 'ada · desk', client: '\u001b[2J\nx', target: 'a\u202eb', request_id: 'i · j' }
    const { out } = await run({ 'audit.jsonl': text(line('14:03:11', evil)) })
    expect(out).toBe('2026-11-29 14:03:11Z "ada · desk" · �[2J�x · notes · a�b · allowed · "i · j"\n')
  })

  test('refused ones have a colour where the terminal has', async () => {
    const folder = folderOf({
      'audit.jsonl': text(line('14:03:11', { decision: 'refused', reason: 'token_missing' })),
    })
    const io = { ...recordingIo({ cwd: folder }), colour: true }
    await audit([], io)
    expect(io.out()).toMatch(/^\x1b\[33m.*\x1b\[0m\n$/)
  })

  test('--json: the very lines of the file, admissions too', async () => {
    const lines = [line('10:00:00', { event: 'admitted', odd: 1.0e3 }), line('10:00:01')]
    const { out } = await run({ 'audit.jsonl': text(...lines) }, '--json')
    expect(out).toBe(text(...lines))
  })

  test('files of workers, each with those set aside, and no checkpoints in words', async () => {
    const checkpoint = line('10:30:00', { event: 'checkpoint' })
    const { clocks } = await run({
      'audit-1.jsonl': text(line('11:00:00'), checkpoint),
      'audit-1.jsonl.1.gz': gzipSync(text(line('09:00:00'))),
      'audit-2.jsonl-20261129': text(line('10:00:00')),
      'audit-anchor.jsonl': text(checkpoint),
    })
    expect(clocks).toEqual(['09:00:00', '10:00:00', '11:00:00'])
  })

  test('an admission is told in words where its request is asked for', async () => {
    const files = { 'audit.jsonl': text(line('10:00:00', { event: 'admitted', request_id: 'r' })) }
    expect((await run(files)).out).toBe('')
    expect((await run(files, '--request-id', 'r')).out).toContain('admitted: its end is another line')
  })
})

describe('what is looked for', () => {
  const files = {
    'audit.jsonl': text(
      line('10:00:00', { subject: 'ada', target: 'x' }),
      line('11:00:00', { subject: 'ben', target: 'y', decision: 'refused', reason: 'call_forbidden' }),
      line('12:00:00', { subject: 'ada', target: 'y', client: 'web' }),
    ),
  }
  test.each([
    [
      ['--user', 'ada'],
      ['10:00:00', '12:00:00'],
    ],
    [['--client', 'web'], ['12:00:00']],
    [['--tool', 'y', '--decision', 'refused'], ['11:00:00']],
    [['--reason', 'call_forbidden'], ['11:00:00']],
    [['--since', '2026-11-29T11:00:00Z', '--until', '2026-11-29T12:00:00Z'], ['11:00:00']],
    [
      ['--since', '2026-11-29', '--until', '2026-11-29', '--route', 'notes'],
      ['10:00:00', '11:00:00', '12:00:00'],
    ],
  ])('%j', async (args, expected) => {
    expect((await run(files, ...args)).clocks).toEqual(expected)
  })

  test('nothing that fits is said, with how much was looked at', async () => {
    expect(await run(files, '--user', 'eve')).toMatchObject({
      ...{ code: 0, out: '', err: 'nothing that fits among 3 records in 1 files\n' },
    })
  })

  test('a file that was last written to long before is not opened', async () => {
    const folder = folderOf({ ...files, 'audit.jsonl.1.gz': Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]) })
    utimesSync(join(folder, 'audit.jsonl.1.gz'), new Date(`${DAY}08:00:00Z`), new Date(`${DAY}08:00:00Z`))
    const io = recordingIo({ cwd: folder })
    expect(await audit(['--since', '2026-11-29T10:00:00Z'], io)).toBe(0)
    expect(io.err()).toBe('')
  })

  test.each([
    ['a word that is none', ['--decision', 'maybe'], /allowed or refused/],
    ['a time that is none', ['--until', 'later'], /--until takes a time/],
    ['following an end', ['--follow', '--until', 'today'], /--follow takes neither/],
  ])('wrong use: %s', async (_what, args, words) => {
    const { code, err } = await run(files, ...args)
    expect(code).toBe(2)
    expect(err).toMatch(words)
  })
})

describe('what cannot be read', () => {
  test('a damaged line is told with its place, and the others are read', async () => {
    const { code, clocks, err } = await run({
      'audit.jsonl': text(
        line('10:00:00'),
        '{"time":"torn',
        line('11:00:00'),
        '{"stream":"audit","time":"soon"}',
        '{"stream":"log"}',
      ),
      'audit.jsonl.1': gzipSync(text('\0\0\0', line('09:00:00'))),
    })
    expect([code, clocks]).toEqual([0, ['09:00:00', '10:00:00', '11:00:00']])
    expect(err.split('\n')).toEqual([
      'audit.jsonl.1:1: cannot be read: no JSON object',
      'audit.jsonl:2: cannot be read: no JSON object',
      'audit.jsonl:4: cannot be read: it has no time',
      '',
    ])
  })

  test('a last line without an end counts when it is whole, and is told when it is not', async () => {
    const { clocks, err } = await run({
      'audit.jsonl': line('11:00:00'),
      'audit.jsonl.1': text(line('10:00:00')) + line('10:30:00').slice(0, 60),
    })
    expect(clocks).toEqual(['10:00:00', '11:00:00'])
    expect(err).toBe('audit.jsonl.1:2: cannot be read: no JSON object\n')
  })

  test('a compressed file that ends early: what is before the end is read, and the rest is told', async () => {
    const whole = gzipSync(
      text(...Array.from({ length: 2_000 }, () => line('09:00:00', { detail: Math.random() }))),
    )
    const { code, clocks, err } = await run({
      'audit.jsonl': text(line('10:00:00')),
      'audit.jsonl.1.gz': whole.subarray(0, whole.length / 2),
    })
    expect(code).toBe(1)
    expect(clocks.length).toBeGreaterThan(100)
    expect(clocks.at(-1)).toBe('10:00:00')
    expect(err).toMatch(
      /^audit\.jsonl\.1\.gz:\d+: cannot be read: the compressed data ends early or is damaged \(Z_BUF_ERROR\)\n$/,
    )
  })

  test('a line that no gateway wrote does not fill the memory', async () => {
    const { clocks, err } = await run({
      'audit.jsonl': text('x'.repeat(MAX_AUDIT_LINE_BYTES + 1), line('10:00:00')),
    })
    expect(clocks).toEqual(['10:00:00'])
    expect(err).toBe('audit.jsonl:1: cannot be read: longer than 16 MiB\n')
  })

  test('many damaged lines are counted', async () => {
    const { err } = await run({
      'audit.jsonl': text(...Array.from({ length: 50 }, () => 'x'), line('10:00:00')),
    })
    expect(err.split('\n')).toHaveLength(22)
    expect(err).toMatch(/\naudit\.jsonl: 50 lines cannot be read\n$/)
  })

  test('a kind of compression that is not known here is no damaged line', async () => {
    const { code, err } = await run({
      'audit.jsonl': text(line('10:00:00')),
      'audit.jsonl.1.xz': Buffer.from('fd377a585a0000', 'hex'),
    })
    expect(code).toBe(1)
    expect(err).toBe('audit.jsonl.1.xz:0: cannot be read: xz cannot be read here: unpack the file first\n')
  })

  test('a broken configuration is told with its own exit code', async () => {
    const io = recordingIo({ cwd: folderWith({ 'gateway.yaml': 'routes: 7' }) })
    expect(await audit([], io)).toBe(78)
    expect(io.err()).toContain('gateway.yaml:1')
    expect(io.err()).not.toContain('writes to no file')
  })

  test('a file that is not there, and a folder in its place', async () => {
    expect(await run({}, 'none.jsonl')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/ENOENT.*none\.jsonl/),
    })
    const folder = folderOf({})
    mkdirSync(join(folder, 'audit.jsonl'))
    const io = recordingIo({ cwd: folder })
    expect(await audit([], io)).toBe(1)
    expect(io.err()).toMatch(/EISDIR/)
  })
})
