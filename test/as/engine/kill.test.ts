// kill -9 at any moment, while clients refresh: what was answered is kept, what was not answered can be asked again,
// and no token has two successors. PORTCULLIS_KILL_ROUNDS sets how often; five by default.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { refresh, type Scene, signIn } from './scene.ts'

const ROUNDS = Number(process.env['PORTCULLIS_KILL_ROUNDS'] ?? 5)
const FAMILIES = 3
const CHILD = fileURLToPath(new URL('kill-child.ts', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'portcullis-kill-'))
let port: number
let child: ChildProcess
beforeAll(async () => {
  port = await freePort()
  child = await start()
})
afterAll(async () => {
  await kill(child)
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<ChildProcess> {
  const started = spawn(process.execPath, [CHILD, folder, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(started.stdout as NonNullable<typeof started.stdout>, 'data')
  return started
}

async function kill(victim: ChildProcess): Promise<void> {
  const ended = once(victim, 'exit')
  victim.kill('SIGKILL')
  await ended
}

interface Family {
  readonly clientId: string
  /** Every refresh token that was answered, oldest first. */
  readonly tokens: string[]
}

/** Refreshes until the server is gone. */
async function useUp(scene: Scene, family: Family): Promise<void> {
  for (;;) {
    const answer = await refresh(scene, family.clientId, family.tokens.at(-1) as string).catch(
      () => undefined,
    )
    if (answer === undefined) return
    expect(answer.json['error']).toBeUndefined()
    family.tokens.push(String(answer.json['refresh_token']))
  }
}

/** How many refresh tokens of a client there ever were, and how many of them can still be used. */
function keptTokens(clientId: string): unknown {
  const database = new DatabaseSync(join(folder, 'as.sqlite'), { readOnly: true })
  const select = `SELECT count(*) AS made, count(*) - count(consumed_at) AS usable, count(DISTINCT grant_id) AS grants
    FROM artifacts WHERE model = 'RefreshToken' AND client_id = ?`
  const row = { ...database.prepare(select).get(clientId) }
  database.close()
  return row
}

test(
  `${ROUNDS} rounds of kill -9 lose and double nothing`,
  async () => {
    const scene = { origin: `http://127.0.0.1:${port}` } as Scene
    const families: Family[] = []
    for (let count = 0; count < FAMILIES; count += 1) {
      const { clientId, refreshToken } = await signIn(scene)
      families.push({ clientId, tokens: [refreshToken] })
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const enough = families.map(({ tokens }) => tokens.length)
      const users = Promise.all(families.map((family) => useUp(scene, family)))
      // Each round at another moment of the work, which no clock decides.
      const isEarly = () =>
        families.every(({ tokens }, index) => tokens.length < (enough[index] as number) + 1 + (round % 7))
      while (isEarly()) await Promise.race([users, new Promise((resolve) => setImmediate(resolve))])
      await kill(child)
      await users
      child = await start()
    }
    for (const { clientId, tokens } of families) {
      const answer = await refresh(scene, clientId, tokens.at(-1) as string)
      expect(answer.status).toBe(200)
      tokens.push(String(answer.json['refresh_token']))
      expect(new Set(tokens).size).toBe(tokens.length)
      // Every token that was made came to the client in the end, and each but the last was followed by one.
      expect(keptTokens(clientId)).toEqual({ made: tokens.length, usable: 1, grants: 1 })
    }
  },
  10_000 + ROUNDS * 6_000,
)
