// `portcullis audit verify` as a command: what it wants, what it prints, and its exit codes.
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { run as audit } from '../../../src/cli/operate/audit.ts'
import { chainedFolder, eventOf } from '../../observe/chain/chained-audit.ts'
import { recordingIo } from '../shared/recording-io.ts'

async function written() {
  const chained = chainedFolder()
  const writer = chained.open()
  for (let number = 0; number < 5; number += 1) writer.event(eventOf(number))
  await writer.close()
  const run = async (...args: readonly string[]) => {
    const io = recordingIo({ cwd: chained.folder })
    return { code: await audit(['verify', ...args], io), out: io.out(), err: io.err() }
  }
  return { chained, run }
}
const WITH = ['--key', 'audit.key.pub', '--anchor', 'anchor.jsonl'] as const

test('wrong use says what is missing', async () => {
  const { run } = await written()
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('verify needs the audit files') })
  expect(await run('audit.jsonl')).toMatchObject({
    code: 2,
    err: expect.stringContaining('verify needs --key'),
  })
  expect(await run('audit.jsonl', '--keys', 'x')).toMatchObject({ code: 2 })
})

test('files that are not there, no keys, or of no chain', async () => {
  const { chained, run } = await written()
  expect((await run('absent.jsonl', ...WITH)).out).toContain('absent.jsonl: cannot be read whole (ENOENT)')
  mkdirSync(join(chained.folder, 'folder'))
  expect((await run('folder', ...WITH)).code).toBe(1)
  expect(await run('audit.jsonl', '--key', 'audit.key')).toMatchObject({
    code: 1,
    err: expect.stringContaining('private key'),
  })
  expect(await run('audit.jsonl', '--key', 'none.pub')).toMatchObject({
    code: 1,
    err: expect.stringContaining('ENOENT'),
  })
  writeFileSync(join(chained.folder, 'plain.jsonl'), '')
  const plain = await run('plain.jsonl', '--key', 'audit.key.pub')
  expect(plain).toMatchObject({
    code: 1,
    out: expect.stringContaining('no line of a chain is in these files'),
  })
})

test('the key of another gateway signs nothing here', async () => {
  const { run } = await written()
  const other = chainedFolder()
  await other.open().close()
  const { code, out } = await run('audit.jsonl', '--key', `${other.folder}/audit.key.pub`)
  expect(code).toBe(1)
  expect(out).toContain('a checkpoint is not signed by the key')
  expect(out).toContain('no checkpoint of chain')
})

test('what came behind the last anchored checkpoint is told as not yet anchored, and no damage', async () => {
  const { chained, run } = await written()
  const kept = readFileSync(chained.anchor, 'utf8').split('\n')[0]
  writeFileSync(chained.anchor, `${kept}\n`)
  const { code, out } = await run('audit.jsonl', ...WITH)
  expect(out).toMatch(
    /^chain \S{22}: 7 lines, 1 to 7, .*; anchored up to line 1 \(.*\), not yet anchored: 6 behind it$/m,
  )
  expect(code).toBe(0)
})

test('without an anchor it says what it cannot promise', async () => {
  const { chained, run } = await written()
  const text = readFileSync(chained.file, 'utf8')
  truncateSync(chained.file, text.indexOf('\n') + 1)
  const { code, out } = await run('audit.jsonl', '--key', 'audit.key.pub')
  expect(code).toBe(0) // the end is cut off, and only the anchor knows
  expect(out).toContain('signed up to line 1')
  expect(out).toContain('Whoever could write the files may\nhave cut off their end')
  expect((await run('audit.jsonl', ...WITH)).code).toBe(1)
})

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('packed by %s: a whole file is read, one that is cut is told', async (_format, pack) => {
  const { chained, run } = await written()
  const packed = pack(readFileSync(chained.file))
  writeFileSync(join(chained.folder, 'audit.jsonl.1.packed'), packed)
  expect((await run('audit.jsonl.1.packed', ...WITH)).code).toBe(0)
  writeFileSync(join(chained.folder, 'audit.jsonl.1.packed'), packed.subarray(0, -20))
  expect((await run('audit.jsonl.1.packed', ...WITH)).out).toContain('cannot be read whole (Z_BUF_ERROR)')
})

test('packed in a way that is not known here: what to do is told', async () => {
  const { chained, run } = await written()
  writeFileSync(join(chained.folder, 'audit.jsonl.bz2'), 'BZh91AY&SY')
  expect((await run('audit.jsonl.bz2', ...WITH)).out).toContain(
    'cannot be read whole (bzip2 cannot be read here: unpack the file first)',
  )
})

test('the same file twice under two names stands there twice', async () => {
  const { chained, run } = await written()
  writeFileSync(join(chained.folder, 'copy.jsonl'), readFileSync(chained.file))
  expect((await run('audit.jsonl', 'copy.jsonl', ...WITH)).out).toContain('lines stand twice')
  expect((await run('audit.jsonl', 'audit.jsonl', ...WITH)).code).toBe(0)
})

test('an anchor with lines that the key did not sign, or that contradict each other, is told', async () => {
  const { chained, run } = await written()
  const [first = '', last = ''] = readFileSync(chained.anchor, 'utf8').split('\n')
  appendFileSync(chained.anchor, `${last.replace('"why":"end"', '"why":"non"')}\n`)
  expect((await run('audit.jsonl', ...WITH)).out).toContain(
    'anchor.jsonl:3: an anchored checkpoint is not signed by the key',
  )
  writeFileSync(chained.anchor, `${first}\n{"cut":\n${last}\n${last}\n`)
  expect((await run('audit.jsonl', ...WITH)).code).toBe(0)
})

test('K05 what stands in a file makes up no line of the account', async () => {
  const { chained, run } = await written()
  const forged = { time: '2026\n', chain: 'x\nas it was written\u001b[31m', seq: 1, prev: '' }
  writeFileSync(join(chained.folder, 'forged.jsonl'), `${JSON.stringify(forged)}\n`)
  const { code, out } = await run('forged.jsonl', ...WITH)
  expect(code).toBe(1)
  expect(out).not.toMatch(/^as it was written|\u001b/m)
  expect(out).toContain('chain x\\u000aas it was written\\u001b[31m: 1 lines')
})

test('--json has the same in members', async () => {
  const { run } = await written()
  const { out } = await run('audit.jsonl', ...WITH, '--json')
  expect(JSON.parse(out)).toMatchObject({
    ...{ isAnchored: true, faultCount: 0, faults: [], cuts: [], notes: [] },
    chains: [{ firstSeq: 1, lastSeq: 7, lines: 7, anchored: { seq: 7 }, signed: { seq: 7 } }],
  })
})
