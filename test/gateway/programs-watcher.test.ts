// The watcher of programs: when it dies another takes its place, knows all programs, and ends them after `kill -9` of the
// gateway.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { beginSession, isThere } from '../support/program/client.ts'
import { type RunPrograms, runPrograms, watcherOf } from '../support/program/run-programs.ts'

let gateway: RunPrograms
afterEach(() => gateway?.close())

const PATIENCE = { timeout: 15_000 }

test('it is replaced when it dies, and the next one knows the programs of the first', async () => {
  gateway = await runPrograms('env: { IGNORES: "1" }')
  const { pid = 0 } = gateway.process.child
  const before = await beginSession(gateway)
  const pids = [Number(await before.call('pid')), Number(await before.call('child'))]
  const first = watcherOf(pid) ?? 0
  expect(isThere(first)).toBe(true)

  process.kill(first, 'SIGKILL')
  await gateway.process.said('"event":"watcher_lost"')
  await expect.poll(() => watcherOf(pid), PATIENCE).toBeDefined()
  const second = watcherOf(pid) ?? 0
  expect(second).not.toBe(first)
  expect(await before.call('echo', { value: 'still here' })).toBe('still here')
  const after = await beginSession(gateway)
  pids.push(Number(await after.call('pid')), Number(await after.call('child')))
  expect(pids.map(isThere)).toEqual([true, true, true, true])

  process.kill(pid, 'SIGKILL')
  await expect.poll(() => [...pids, second].filter(isThere), PATIENCE).toEqual([])
})

/** Whether a process has a handler for SIGHUP, the last that the watcher installs: before, a signal ends any process. */
function catchesHangUp(pid: number): boolean {
  const caught = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
  return (BigInt(`0x${caught}`) & (1n << BigInt(constants.signals.SIGHUP - 1))) !== 0n
}

test('signals that a service manager sends to all do not end it, nor does it outlive the gateway', async () => {
  gateway = await runPrograms()
  const session = await beginSession(gateway)
  const pid = Number(await session.call('pid'))
  const watcher = watcherOf(gateway.process.child.pid ?? 0) ?? 0
  await expect.poll(() => catchesHangUp(watcher), PATIENCE).toBe(true)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(watcher, signal)
  expect(await session.call('echo', { value: 'v' })).toBe('v')
  gateway.process.child.kill('SIGTERM')
  expect(await gateway.process.ended).toBe(0)
  await expect.poll(() => [pid, watcher].filter(isThere), PATIENCE).toEqual([])
  expect(gateway.process.log()).not.toContain('watcher_lost')
})
