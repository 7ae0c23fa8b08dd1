// How programs begin and end: idle, over a bound, with the gateway, and with everything that they started.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { beginSession, isThere, PLAIN, startPrograms, toolMessage } from '../support/program/client.ts'

let gateway: TestGateway
afterEach(() => gateway?.close())

const PATIENCE = { timeout: 15_000 }

test('one that nobody uses is ended, and its session is over', async () => {
  gateway = await startPrograms('idle: 1s')
  const session = await beginSession(gateway)
  const pid = Number(await session.call('pid'))
  await expect.poll(() => isThere(pid), PATIENCE).toBe(false)
  expect((await session.post(toolMessage('pid'))).status).toBe(404)
})

test('a caller at its share begins another session in the place of one that does nothing', async () => {
  gateway = await startPrograms('max: 8') // a quarter: 2
  const [one, two] = [await beginSession(gateway), await beginSession(gateway)]
  await two.call('pid')
  const three = await beginSession(gateway)
  expect((await one.post(toolMessage('pid'))).status).toBe(404)
  expect([await two.call('pid'), await three.call('pid')]).toEqual([
    expect.stringMatching(/^\d+$/),
    expect.stringMatching(/^\d+$/),
  ])
})

test('programs that work make no room: another one of the same caller is 429, of somebody else not', async () => {
  gateway = await startPrograms('max: 8')
  const busy = [await beginSession(gateway, 'ada'), await beginSession(gateway, 'ada')]
  const hung = busy.map((session) => session.post(toolMessage('later', { ms: 3_000, value: 'v' })))
  await expect(beginSession(gateway, 'ada')).rejects.toThrow('429')
  await beginSession(gateway, 'bob')
  await Promise.all(hung)
})

test('one that ignores the end of its input and SIGTERM is killed with its children', async () => {
  gateway = await startPrograms('env: { IGNORES: "1" }')
  const session = await beginSession(gateway)
  const pids = [Number(await session.call('pid')), Number(await session.call('child'))]
  expect(pids.map(isThere)).toEqual([true, true])
  await session.end()
  await expect.poll(() => pids.map(isThere), PATIENCE).toEqual([false, false])
})

test('what a program started ends with it when it dies', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const child = Number(await session.call('child'))
  await session.post(toolMessage('die'))
  await expect.poll(() => isThere(child), PATIENCE).toBe(false)
})

test('one that says nothing after its start is ended, and its caller told', async () => {
  gateway = await startPrograms('start_timeout: 300ms', {
    program: `command: ["${process.execPath}", -e, "setInterval(()=>{},1000)"], start_timeout: 300ms`,
  })
  await expect(beginSession(gateway)).rejects.toThrow('504')
})

test('a reload that changes another key of the route keeps its programs', async () => {
  gateway = await startPrograms()
  const session = await beginSession(gateway)
  const pid = await session.call('pid')
  await gateway.reload({ policy: '\n      rules: [{ name: p, tools: [pid] }]' })
  expect(await session.call('pid')).toBe(pid)
  expect((await session.post(toolMessage('echo', { value: 'v' }))).status).toBe(403)
})

test('kill -9 of the gateway ends a program that ignores everything, and its children', async () => {
  const source = join(import.meta.dirname, '../support/program/killed-gateway.ts')
  const child = spawn(process.execPath, [source, PLAIN], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const piece of child.stdout) {
    said += String(piece)
    if (said.includes('\n')) break
  }
  const pids = JSON.parse(said) as number[]
  expect(pids.map(isThere)).toEqual([true, true])
  child.kill('SIGKILL')
  await expect.poll(() => pids.map(isThere), PATIENCE).toEqual([false, false])
})
