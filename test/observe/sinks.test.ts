// Audit lines before a disk that stands still and then goes on: a named pipe that nobody reads, and then somebody does.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, read, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { bufferedSink } from '../../src/observe/sinks.ts'

const readSome = promisify(read)

/** Both ends of a pipe. */
function openPipe() {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sink-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'audit')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  onTestFinished(() => closeSync(reader))
  return { reader, writer: openSync(path, 'a') }
}

/** What comes until nothing more does. */
async function readAll(reader: number, isWhole: (text: string) => boolean): Promise<string> {
  const buffer = Buffer.alloc(1024 * 1024)
  let text = ''
  await expect
    .poll(
      async () => {
        for (;;) {
          const { bytesRead } = await readSome(reader, buffer, 0, buffer.length, null).catch(() => ({
            bytesRead: 0,
          }))
          if (bytesRead === 0) return isWhole(text)
          text += buffer.toString('latin1', 0, bytesRead)
        }
      },
      { timeout: 30_000, interval: 5 },
    )
    .toBe(true)
  return text
}

test('D48 F17 the lines of one caller who floods take their share, and those of another are all written', async () => {
  const { reader, writer } = openPipe()
  const sink = bufferedSink(() => writer, 0.25)
  const filler = 'x'.repeat(1_000)
  const write = (who: string, nth: number) => sink.write(`${who} ${nth} ${filler}\n`, () => who)
  for (let nth = 0; nth < 40_000; nth += 1) write('greedy', nth)
  for (let nth = 0; nth < 1_000; nth += 1) write('modest', nth)
  expect(sink.dropped.share).toBeGreaterThan(25_000) // a quarter of 32 MiB is about 8,300 lines of these
  expect(sink.dropped).toEqual({ share: sink.failures, full: 0 })
  const text = await readAll(reader, (soFar) => soFar.includes('modest 999 '))
  expect(text.split('\n').filter((line) => line.startsWith('modest '))).toHaveLength(1_000)
  const greedy = text.split('\n').filter((line) => line.startsWith('greedy '))
  expect(greedy).toHaveLength(40_000 - sink.failures)
  expect(greedy.map((line) => Number(line.split(' ')[1]))).toEqual(greedy.map((_, nth) => nth))
  write('greedy', 40_000)
  expect(sink.dropped.share).toBe(sink.failures) // room again
  await sink.close()
})

test('D48 when all of it is full, who is not over a share is counted apart', async () => {
  const { reader, writer } = openPipe()
  const sink = bufferedSink(() => writer, 0.5)
  const line = `${'x'.repeat(10_000)}\n`
  for (let nth = 0; nth < 4_000; nth += 1) for (const who of ['a', 'b', 'c']) sink.write(line, () => who)
  expect(sink.dropped.full).toBeGreaterThan(0)
  expect(sink.failures).toBe(sink.dropped.full + sink.dropped.share)
  const closing = sink.close()
  await readAll(reader, (text) => text.length >= 30 * 1024 * 1024)
  await closing
})

test('opened again while lines wait for a slow disk: those that were begun go to the old file, the others to the new', async () => {
  const { reader, writer } = openPipe()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sink-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const fresh = join(folder, 'audit')
  const files = [() => writer, () => openSync(fresh, 'a')]
  const sink = bufferedSink(() => (files.shift() as () => number)(), 0.5)
  const line = (nth: number) => `${nth} ${'x'.repeat(40_000)}\n` // more than waits, and more in all than a pipe holds
  for (const nth of [0, 1, 2, 3]) sink.write(line(nth), () => 'a')
  sink.reopen()
  sink.write(line(4), () => 'a')
  const old = await readAll(reader, (text) => text.endsWith('\n'))
  await expect.poll(() => readFileSync(fresh, 'utf8')).toContain('4 ')
  await sink.close()
  const numbers = (old + readFileSync(fresh, 'utf8')).match(/^\d+/gm)
  expect(numbers).toEqual(['0', '1', '2', '3', '4'])
  expect(old).toMatch(/^0 /)
  expect(sink.failures).toBe(0)
})

test('a file that cannot be opened again: it throws, and lines go on in the old one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sink-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'audit')
  let isFirst = true
  const open = () => {
    if (!isFirst) throw new Error('no')
    isFirst = false
    return openSync(file, 'a')
  }
  const sink = bufferedSink(open, 0.5)
  sink.write('1\n', () => 'a')
  expect(() => sink.reopen()).toThrow('no')
  sink.write('2\n', () => 'a')
  await sink.close()
  expect(readFileSync(file, 'utf8')).toBe('1\n2\n')
})
