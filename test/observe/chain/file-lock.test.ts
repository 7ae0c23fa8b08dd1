// One writer for each chained file. The lock itself: test/as/store/file-lock.test.ts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lockFile } from '../../../src/lib/file-lock.ts'
import { chainedFolder } from './chained-audit.ts'

const CHILD = fileURLToPath(new URL('kill-child.ts', import.meta.url))
const TAKEN = /^audit\.file: another gateway writes .*; give each gateway a file of its own$/

test('a second gateway of the same process is refused, until the first is closed', async () => {
  const chained = chainedFolder()
  const first = chained.open()
  expect(() => chained.open()).toThrow(TAKEN)
  await first.close()
  await chained.open().close()
})

test('another process is refused, and its lock ends with it, also by kill -9', async () => {
  const chained = chainedFolder()
  const child = spawn(process.execPath, [CHILD, chained.folder, 'buffered'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(() => chained.open()).toThrow(TAKEN)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(existsSync(`${chained.file}.lock`)).toBe(true)
  await chained.open().close()
})

test('another name of the file is the same file', async () => {
  const chained = chainedFolder()
  const real = join(chained.folder, 'elsewhere.jsonl')
  writeFileSync(real, '')
  symlinkSync(real, chained.file)
  const unlock = lockFile(`${real}.lock`)
  expect(() => chained.open()).toThrow(TAKEN)
  unlock?.()
  await chained.open().close()
})
