// Lines of several processes into one output: none is broken by another.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLineWriter, relayLines } from '../../src/workers/relay.ts'

async function relayed(...sources: readonly (readonly string[])[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-relay-'))
  const file = join(folder, 'out')
  const fd = openSync(file, 'a')
  const writer = createLineWriter(fd)
  await Promise.all(
    sources.map((pieces) => relayLines(Readable.from(pieces.map((piece) => Buffer.from(piece))), writer)),
  )
  closeSync(fd)
  const text = readFileSync(file, 'utf8')
  rmSync(folder, { recursive: true })
  return text
}

test('lines that come in pieces go on whole', async () => {
  const text = await relayed(['a', 'a\na', 'a\n'], ['b', 'b', 'b\n', 'bbb\n'], ['cc\ncc\n'])
  expect(
    text
      .split('\n')
      .filter((line) => line !== '')
      .toSorted(),
  ).toEqual(['aa', 'aa', 'bbb', 'bbb', 'cc', 'cc'].toSorted())
})

test('what has no end when its process ends goes on too', async () => {
  expect(await relayed(['one\ntw', 'o'])).toBe('one\ntwo')
})

test('an output that nobody reads any more loses lines and stops nothing', async () => {
  await createLineWriter(openSync('/dev/full', 'w')).write(Buffer.from('line\n'))
})
