// kill -9 at any moment while a chained audit is written: the chain goes on from the last whole line, says where it was
// cut, and all of it verifies. PORTCULLIS_KILL_ROUNDS sets how often; five by default.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readLink } from '../../../src/observe/chain/link.ts'
import { type ChainedFolder, chainedFolder, eventOf, linesOf } from './chained-audit.ts'

const ROUNDS = Number(process.env['PORTCULLIS_KILL_ROUNDS'] ?? 5)
const CHILD = fileURLToPath(new URL('kill-child.ts', import.meta.url))

/** Kills a writer once the file has grown by so many bytes. */
async function writeAndKill({ folder, file }: ChainedFolder, how: string, bytes: number): Promise<string> {
  const child = spawn(process.execPath, [CHILD, folder, how], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child.stdout, 'data') // its lock and its chain are there
  const before = statSync(file).size
  while (statSync(file).size < before + bytes) await new Promise((resolve) => setImmediate(resolve))
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
  return said
}

/** What stands behind the last line break but that at the end. */
function lastPiece(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? ''
}

function isWhole(line: string): boolean {
  return readLink(line) !== undefined
}

test(`${ROUNDS} rounds of kill -9: the chain goes on, and says where it was cut`, {
  timeout: 20_000 + ROUNDS * 4_000,
}, async () => {
  const chained = chainedFolder()
  let cut = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    await writeAndKill(
      chained,
      round % 2 === 0 ? 'buffered' : 'required',
      1_000 + ((round * 7_919) % 300_000),
    )
    // Mostly the kernel finishes a write that it began, so a line is also cut by hand; a checkpoint was safe on the disk.
    const isPlain = !lastPiece(chained.file).includes('"checkpoint"')
    if (round % 3 === 1 && isPlain) truncateSync(chained.file, statSync(chained.file).size - 40)
    cut += isWhole(lastPiece(chained.file)) ? 0 : 1
    const audit = chained.open()
    const told = chained.log.filter(({ event }) => event === 'audit_cut')
    expect(told).toHaveLength(cut)
    audit.event(eventOf(round))
    await audit.close()
    const verified = await chained.verify()
    expect(verified.faults).toEqual([])
    expect(verified.chains).toMatchObject([{ firstSeq: 1, lastSeq: linesOf(chained.file).length - cut }])
    expect(verified.cuts).toHaveLength(cut)
  }
  expect(cut).toBeGreaterThan(0)
  process.stdout.write(
    `${ROUNDS} rounds, ${linesOf(chained.file).length} lines, cut in a line ${cut} times\n`,
  )
})

test('a last line without its line break is whole', async () => {
  const chained = chainedFolder()
  const audit = chained.open()
  audit.event(eventOf(1))
  await audit.close()
  truncateSync(chained.file, statSync(chained.file).size - 1)
  await chained.open().close()
  const verified = await chained.verify()
  expect([verified.faults, verified.cuts]).toEqual([[], []])
})

test('what stood in the file before its chain is vouched for by the first line', async () => {
  const chained = chainedFolder()
  appendFileSync(chained.file, `{"stream":"audit","event":"old"}\nnot finished`)
  await chained.open().close()
  expect(chained.log).toContainEqual(expect.objectContaining({ event: 'audit_unchained', bytes: 45 }))
  const verified = await chained.verify()
  expect(verified.faults).toEqual([])
  expect(verified.cuts).toMatchObject([{ line: 3, bytes: 46 }])
  const text = readFileSync(chained.file, 'utf8')
  truncateSync(chained.file, 0)
  appendFileSync(chained.file, text.replace('"old"', '"new"'))
  expect((await chained.verify()).faults).toMatchObject([{ line: 3 }])
})
