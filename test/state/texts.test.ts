// Refused scopes in a real server: what one gateway noted is found at another, asked for once, and offered once; and what
// becomes of it while the server is away. Debian's redis-server 7.0.15, or valkey-server where it is installed.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createRefusedScopes, type RefusedCall, type RefusedScopes } from '../../src/as/refused-scopes.ts'
import type { SharedState } from '../../src/core/shared-state.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { openTestState, SESSION_KEY } from './open-state.ts'

const BOUNDS = { size: 40, share: 10 }
const CALL: RefusedCall = {
  subject: 'ada@corp.example',
  clientId: 'desk-7',
  grantId: 'grant-7',
  token: 'jti-7',
  tokenExpiresAt: 1_900_000_000_000,
  resource: 'https://mcp.example.com/notes/mcp',
  missing: ['notes:write', 'notes:admin'],
  isChallenged: true,
}
const SCOPES = ['notes:read', 'notes:write', 'notes:admin']

describe.skipIf(redisMissing() !== undefined)('refused scopes of several gateways', () => {
  let redis: TestRedis
  let states: SharedState[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(states.map((state) => state.close()))
    states = []
    redis.cli('FLUSHALL')
  })
  afterAll(() => redis.close())

  const join = async (sessionKey = SESSION_KEY): Promise<RefusedScopes> => {
    const state = await openTestState(stateSettings([redis.port]), { sessionKey })
    states.push(state)
    return createRefusedScopes((use, forMs) => state.texts(use, forMs, BOUNDS))
  }
  const two = async () => [await join(), await join()] as const
  const areBack = () =>
    until(() => states.every((state) => state.status?.().ready === true), 'the store is back')
  const kept = (count: number) =>
    until(() => redis.cli('KEYS', '*}kept *').split('kept').length > count, 'kept')

  test('a call that one refused is known to the other, to its own subject and token only', async () => {
    const [one, other] = await two()
    one.note(CALL)
    await kept(3)
    expect(await other.justRefused(CALL)).toEqual(CALL)
    expect(await other.justRefused({ ...CALL, subject: 'eve' })).toBeUndefined()
    expect(await other.justRefused({ ...CALL, token: 'jti-8' })).toBeUndefined()
  })

  test('a person is asked once by all of them, for a grant and its scopes in any order', async () => {
    const [one, other] = await two()
    expect(await one.wasAsked(CALL)).toBe(false)
    await one.noteAsked(CALL)
    expect(await other.wasAsked({ ...CALL, missing: [...CALL.missing].reverse() })).toBe(true)
    expect(await other.wasAsked({ ...CALL, missing: ['notes:write'] })).toBe(false)
    expect(await other.wasAsked({ ...CALL, grantId: 'grant-8' })).toBe(false)
  })

  test('what calls lacked at both is offered by the first page that asks, and by no other', async () => {
    const [one, other] = await two()
    one.note({ ...CALL, missing: ['notes:write'] })
    other.note({ ...CALL, missing: ['notes:admin'], token: 'jti-8' })
    await kept(4)
    expect(await other.takeMissing({ ...CALL, clientId: 'desk-8' }, SCOPES)).toEqual([])
    const pages = await Promise.all([one.takeMissing(CALL, SCOPES), other.takeMissing(CALL, SCOPES)])
    expect(pages.flat().sort()).toEqual(['notes:admin', 'notes:write'])
    expect(await one.takeMissing(CALL, SCOPES)).toEqual([])
  })

  test('a subject over its share loses its own oldest, and nothing of another', async () => {
    const [one, other] = await two()
    one.note({ ...CALL, subject: 'bob' })
    for (let n = 0; n < 12; n += 1) one.note({ ...CALL, token: `jti-${n}`, missing: [] })
    await until(async () => (await other.justRefused({ ...CALL, token: 'jti-11' })) !== undefined, 'kept')
    expect(await other.justRefused({ ...CALL, token: 'jti-1' })).toBeUndefined()
    expect(await other.justRefused({ ...CALL, token: 'jti-2' })).toBeDefined()
    expect(await other.justRefused({ ...CALL, subject: 'bob' })).toBeDefined()
  })

  test('nobody who reads the store learns a name, each key ends by itself, and nothing forged is believed', async () => {
    const [one, other] = await two()
    one.note(CALL)
    await one.noteAsked(CALL)
    await kept(4)
    const keys = redis.cli('KEYS', '*').trim().split('\n')
    const own = keys.filter((key) => /\}keeps? |\}kept /.test(key))
    expect(own.map((key) => Number(redis.cli('TTL', key))).every((seconds) => seconds > 0)).toBe(true)
    const dump = [...keys, ...keys.map((key) => redis.cli('DUMP', key))].join('\n')
    for (const name of ['ada', 'corp.example', 'desk-7', 'grant-7', 'jti-7', 'notes:write', 'mcp.example'])
      expect(dump).not.toContain(name)
    const calls = own.find((key) => key.includes('kept texts refused calls')) ?? ''
    const asked = own.find((key) => key.includes('kept texts asked persons')) ?? ''
    redis.cli('SET', calls, JSON.stringify(CALL))
    expect(await other.justRefused(CALL)).toBeUndefined()
    redis.cli('COPY', asked, calls, 'REPLACE')
    expect(await other.justRefused(CALL)).toBeUndefined() // sealed for another place
    const stranger = await join(Buffer.from('another key of at least 32 bytes'))
    expect(await stranger.wasAsked(CALL)).toBe(false)
  })

  test('while the store is away each knows its own, and afterwards all know again', async () => {
    const [one, other] = await two()
    await redis.kill()
    one.note(CALL)
    await one.noteAsked(CALL)
    expect(await one.justRefused(CALL)).toEqual(CALL)
    expect([await one.wasAsked(CALL), await other.wasAsked(CALL)]).toEqual([true, false])
    expect(await other.justRefused(CALL)).toBeUndefined()
    expect(await one.takeMissing(CALL, SCOPES)).toEqual(['notes:write', 'notes:admin'])
    expect(await one.takeMissing(CALL, SCOPES)).toEqual([])
    await redis.start()
    await areBack()
    one.note(CALL)
    await kept(3)
    expect(await other.justRefused(CALL)).toEqual(CALL)
    expect((await other.takeMissing(CALL, SCOPES)).length).toBe(2)
  })
})
