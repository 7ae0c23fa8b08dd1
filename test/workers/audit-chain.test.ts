// Several workers whose audit is a chain: each process writes a file and a chain of its own, with one key; one that dies is
// replaced by one that goes on in its chain.
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { run as auditCommand } from '../../src/cli/operate/audit.ts'
import { recordingIo } from '../cli/shared/recording-io.ts'
import { serves, startTestWorkers, type TestWorkers } from '../support/workers.ts'

vi.setConfig({ testTimeout: 60_000 }) // starts four processes, and one more

let workers: TestWorkers
afterEach(() => workers.close())

test('a chain for each process, in its own file; killed, replaced, moved, and verified as one audit', async () => {
  workers = await startTestWorkers({
    auditRequired: true,
    auditKeys: 'chain: true, anchor: { file: kept.jsonl }',
  })
  const { folder } = workers.process
  const call = async (count: number) => {
    for (let nth = 0; nth < count; nth += 1) expect((await workers.answer()).status).toBe(200)
  }
  await call(4)
  const [first = 0] = await workers.pids()
  process.kill(first, 'SIGKILL')
  await workers.until(serves(0, 1))
  await call(4)
  for (const number of [0, 1, 2])
    renameSync(join(folder, `audit-${number}.jsonl`), join(folder, `audit-${number}.jsonl.1`))
  workers.process.child.kill('SIGHUP')
  await workers.process.said('"event":"reloaded","generation":2')
  await call(4)
  workers.process.child.kill('SIGTERM')
  expect(await workers.process.ended).toBe(0)

  const names = (start: string) =>
    readdirSync(folder).filter((name) => name.startsWith(start) && !name.endsWith('.key'))
  const files = names('audit-').filter((name) => !name.endsWith('.lock'))
  expect(files).toHaveLength(6)
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const ends = records.filter(({ event }) => event === 'decision' || event === 'worker_died')
  expect(ends).toHaveLength(12)
  expect(new Set(records.map(({ chain }) => chain)).size).toBe(3)
  const io = recordingIo({ cwd: folder })
  const anchors = names('kept-').flatMap((name) => ['--anchor', name])
  expect(anchors).toHaveLength(6)
  const code = await auditCommand(['verify', ...files, '--key', 'audit.key.pub', ...anchors], io)
  expect(io.out().match(/nothing is behind it/g)).toHaveLength(3)
  expect(code).toBe(0)
})
