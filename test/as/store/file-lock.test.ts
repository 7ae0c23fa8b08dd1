// One gateway serves from one file, and the lock goes with the process that held it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createGatewayLocks } from '../../../src/as/store/open-data.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-lock-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const CHILD = join(import.meta.dirname, 'file-lock-child.ts')
const TAKEN = /^another gateway serves from .*; stop it, or give this one other `data`$/

test('F30: another process is refused with a sentence, and served after a kill -9', async () => {
  const data = join(folder, 'killed.sqlite')
  const child = spawn(process.execPath, [CHILD, data], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(() => createGatewayLocks().take(data)).toThrow(TAKEN)
  child.kill('SIGKILL')
  await once(child, 'exit')
  createGatewayLocks().take(data)()
})

test('a second gateway of the same process is refused too, also by another name of the file', () => {
  const data = join(folder, 'named.sqlite')
  writeFileSync(data, '')
  symlinkSync(data, join(folder, 'other.sqlite'))
  const end = createGatewayLocks().take(data)
  expect(() => createGatewayLocks().take(data)).toThrow(TAKEN)
  expect(() => createGatewayLocks().take(join(folder, 'other.sqlite'))).toThrow(TAKEN)
  expect(statSync(`${data}.lock`).mode & 0o777).toBe(0o600)
  end()
  createGatewayLocks().take(join(folder, 'other.sqlite'))()
})

test('a reload holds it twice, and whoever comes last gives it back', () => {
  const data = join(folder, 'reloaded.sqlite')
  const locks = createGatewayLocks()
  const [first, second] = [locks.take(data), locks.take(data)]
  first()
  expect(() => createGatewayLocks().take(data)).toThrow(TAKEN)
  second()
  createGatewayLocks().take(data)()
})
