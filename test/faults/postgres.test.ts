// A real PostgreSQL server is killed, or holds everything up, while clients sign in, refresh and call: each is answered, with
// 503 and a reason where nothing else can be said, and what was answered before is kept.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import {
  type Answer,
  createScene,
  redeem,
  refresh,
  register,
  type Scene,
  type Session,
  signIn,
} from '../as/engine/scene.ts'
import { claimsOf, isRevoked, newClient, newCode } from '../as/engine/steps.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts'

const COOKIE_SECRET = new Secret('a secret that gateways share, of 32 bytes or more')

describe.skipIf(!hasPostgres)('a server that fails', () => {
  let postgres: TestPostgres
  let scene: Scene
  let schema = 0
  beforeAll(async () => {
    postgres = await startPostgres()
    return () => postgres.stop()
  })
  const begin = async (poolSize = 10) => {
    schema += 1
    const settings = { cookieSecret: COOKIE_SECRET, data: postgres.url(`faults_${schema}`), poolSize }
    scene = await createScene({ settings })
  }
  afterEach(() => scene.stop())

  const unavailable = ({ status, json, headers }: Answer) => {
    expect([status, json['error']]).toEqual([503, 'temporarily_unavailable'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }

  test('F37: killed among refreshes: each is answered, and what was acknowledged goes on', async () => {
    await begin()
    const sessions = await Promise.all(Array.from({ length: 6 }, () => signIn(scene)))
    for (let round = 0; round < 3; round += 1) {
      let isOver = false
      const clients = sessions.map(async (session) => {
        let { refreshToken } = session
        const seen = new Set<number>()
        while (!isOver) {
          const answer = await refresh(scene, session.clientId, refreshToken)
          seen.add(answer.status)
          if (answer.status === 200) refreshToken = String(answer.json['refresh_token'])
          else await sleep(20)
        }
        return { ...session, refreshToken, seen }
      })
      await sleep(150)
      await postgres.kill()
      await sleep(300)
      await postgres.start()
      await sleep(500)
      isOver = true
      for (const [index, { clientId, refreshToken, seen }] of (await Promise.all(clients)).entries()) {
        expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([])
        const next = await refresh(scene, clientId, refreshToken)
        expect(next.status).toBe(200)
        sessions[index] = {
          ...(sessions[index] as (typeof sessions)[0]),
          refreshToken: String(next.json['refresh_token']),
        }
      }
    }
    expect(scene.faults.length).toBeGreaterThan(0)
    expect(
      scene.faults.map((fault) => (fault as Error).name).filter((name) => name !== 'PostgresFault'),
    ).toEqual([])
  })

  test('F37: while it is away each endpoint says 503, and afterwards all goes on', async () => {
    await begin()
    const client = await newClient(scene)
    const code = await newCode(scene, client)
    const { clientId, refreshToken, accessToken } = await signIn(scene)
    await postgres.kill()
    unavailable(await refresh(scene, clientId, refreshToken))
    unavailable(await redeem(scene, code))
    unavailable(await register(scene))
    const page = await fetch(`${scene.origin}/authorize?client_id=${client}`, { redirect: 'manual' })
    expect(page.status).toBe(503)
    expect(await page.text()).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/)
    expect(await scene.server.isRevoked(claimsOf(accessToken))).toBe(false) // heard of changes a moment ago
    expect(await scene.server.catchUp()).toBe(false)
    await postgres.start()
    expect((await refresh(scene, clientId, refreshToken)).status).toBe(200)
    expect((await redeem(scene, code)).status).toBe(200)
    expect(await isRevoked(scene, accessToken)).toBe(false)
  })

  test('F38: one that holds everything up is not waited for, however many come', async () => {
    await begin(2)
    const sessions = await Promise.all(Array.from({ length: 8 }, () => signIn(scene)))
    let isBlocked = true
    const blocker = postgres
      .sql(
        `BEGIN; LOCK TABLE faults_${schema}.artifacts IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(14); COMMIT`,
      )
      .then(() => {
        isBlocked = false
      })
    await sleep(300)
    const ask = ({ clientId, refreshToken }: Session) => refresh(scene, clientId, refreshToken)
    for (const answer of await Promise.all(sessions.map(ask))) unavailable(answer)
    expect(isBlocked).toBe(true)
    await blocker
    expect((await Promise.all(sessions.map(ask))).map(({ status }) => status)).toEqual(
      sessions.map(() => 200),
    )
  }, 40_000)
})
