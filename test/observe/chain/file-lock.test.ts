// One writer for each chained file: who is refused, and whose lock counts no more.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { chainedFolder } from './chained-audit.ts'

const CHILD = fileURLToPath(new URL('kill-child.ts', import.meta.url))

test('a second gateway of the same process is refused, until the first is closed', async () => {
  const chained = chainedFolder()
  const first = chained.open()
  expect(() => chained.open()).toThrow(
    `audit.file: ${chained.file} is written by another gateway of this process; give each gateway a file of its own`,
  )
  await first.close()
  expect(existsSync(`${chained.file}.lock`)).toBe(false)
  await chained.open().close()
})

test('another process is refused, and its lock ends with it, also by kill -9', async () => {
  const chained = chainedFolder()
  const child = spawn(process.execPath, [CHILD, chained.folder, 'buffered'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(() => chained.open()).toThrow(`is written by process ${child.pid};`)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(existsSync(`${chained.file}.lock`)).toBe(true)
  await chained.open().close()
})

test('a process that has the number of the one that died holds nothing', async () => {
  const chained = chainedFolder()
  const { pid, ppid } = process
  const first = chained.open()
  const lock = JSON.parse(readFileSync(`${chained.file}.lock`, 'utf8'))
  await first.close()
  for (const holder of [
    { ...lock, pid, self: 'before' },
    { ...lock, pid: ppid, self: 'other', started: '1' },
    {},
  ]) {
    writeFileSync(`${chained.file}.lock`, JSON.stringify({ host: lock.host, ...holder }))
    await chained.open().close()
  }
})

test('a writer on another machine counts while it says something', async () => {
  const chained = chainedFolder()
  writeFileSync(
    `${chained.file}.lock`,
    JSON.stringify({ pid: 1, host: 'elsewhere', self: 'x', started: '1' }),
  )
  expect(() => chained.open()).toThrow(
    /a gateway on elsewhere, unless that is gone \(then in 180 s, or remove .*\.lock\)/,
  )
  const longAgo = new Date(Date.now() - 181_000)
  utimesSync(`${chained.file}.lock`, longAgo, longAgo)
  await chained.open().close()
})
