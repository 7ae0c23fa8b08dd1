// The calls under way of a worker, which its primary reads when it is gone.
import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOpenCalls, openCallsFile, readOpenCalls } from '../../src/workers/open-calls.ts'

let folder: string
let fd: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-open-calls-'))
  fd = openCallsFile(folder)
})
afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

test('it holds those that came and have not left, and is no larger than the most at one time', () => {
  const calls = createOpenCalls(fd)
  const ids = Array.from({ length: 10 }, () => randomUUID())
  for (const id of ids) expect(calls.enter(id)).toBe(true)
  expect(readOpenCalls(fd)).toEqual(ids)
  for (const id of ids.slice(0, 7)) calls.leave(id)
  calls.leave('never came')
  expect(readOpenCalls(fd)).toEqual(ids.slice(7))
  const more = Array.from({ length: 7 }, () => randomUUID())
  for (const id of more) calls.enter(id)
  expect(readOpenCalls(fd).toSorted()).toEqual([...ids.slice(7), ...more].toSorted())
  expect(fstatSync(fd).size).toBe(10 * 36)
})

test('the file has no name', () => {
  expect(readdirSync(folder)).toEqual([])
})

test('what cannot be written is told', () => {
  const closed = openSync('/dev/full', 'w')
  expect(createOpenCalls(closed).enter(randomUUID())).toBe(false)
  closeSync(closed)
})
