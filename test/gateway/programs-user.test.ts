// `user` and `group`: a gateway of root starts a program as somebody else, who reads nothing of the gateway's.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getgid, getuid } from 'node:process'
import { afterEach, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { beginSession, PLAIN, startPrograms } from '../support/program/client.ts'

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

/** No account of this machine; a number needs no entry. */
const STRANGER = 54_321
const GROUP = 54_322

/** Why nobody can be started as somebody else here. */
function missing(): string | undefined {
  if (getuid?.() !== 0) return 'only root may start programs as somebody else'
  const { status } = spawnSync(process.execPath, ['--check', PLAIN], { uid: STRANGER, gid: STRANGER })
  return status === 0
    ? undefined
    : 'a stranger may not read this checkout, so it cannot start a program of it'
}

const reason = missing()
if (reason !== undefined) console.warn(`skipped: ${reason}`)
const testAsRoot = test.skipIf(reason !== undefined && process.env['CI'] !== 'true')

async function whoRuns(keys: string) {
  gateway = await startPrograms(keys, {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/home/of-the-gateway' },
  })
  const session = await beginSession(gateway)
  return { session, who: JSON.parse(await session.call('who')) as object }
}

testAsRoot('a user by number: its group is of the same number, and no group of root is left', async () => {
  const { who } = await whoRuns(`user: ${STRANGER}`)
  expect(who).toEqual({ uid: STRANGER, gid: STRANGER, groups: [STRANGER] })
})

testAsRoot('a group beside it', async () => {
  const { who } = await whoRuns(`user: ${STRANGER}, group: ${GROUP}`)
  expect(who).toEqual({ uid: STRANGER, gid: GROUP, groups: [GROUP] })
})

testAsRoot('it reads neither what is root’s alone, nor the environment of the gateway', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'programs-user-'))
  chmodSync(folder, 0o755)
  const [secret, open] = [join(folder, 'secret'), join(folder, 'open')]
  writeFileSync(secret, 'secret', { mode: 0o600 })
  writeFileSync(open, 'open', { mode: 0o644 })
  const { session } = await whoRuns(`user: ${STRANGER}`)
  const read = (path: string) => session.call('read', { path })
  expect([await read(open), await read(secret)]).toEqual(['read 4 bytes', 'EACCES'])
  if (process.platform === 'linux') expect(await read(`/proc/${process.pid}/environ`)).toBe('EACCES')
  rmSync(folder, { recursive: true })
})

testAsRoot('a user by name: with that user’s home, and not the gateway’s', async () => {
  const { session, who } = await whoRuns('user: nobody')
  const home = await session.call('env', { name: 'HOME' })
  expect([who, home]).not.toMatchObject([{ uid: 0 }, '/home/of-the-gateway'])
  expect(home).toBe(spawnSync('sh', ['-c', 'echo ~nobody'], { encoding: 'utf8' }).stdout.trim())
})

test('without `user` it runs as the gateway does', async () => {
  const { who } = await whoRuns('')
  expect(who).toMatchObject({ uid: getuid?.(), gid: getgid?.() })
})
