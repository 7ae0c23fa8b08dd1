// The shared state in a real server: each use seen from two gateways, and what becomes of it when the server is killed,
// frozen, flushed or started again. Debian's redis-server 7.0.15, or valkey-server where it is installed.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SharedState } from '../../src/core/shared-state.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { openTestState, SESSION_KEY } from './open-state.ts'

const RATE = { count: 5, seconds: 60 }
const BOUNDS = { size: 40, share: 10 }
const PROOF_MS = 600_000
const ALICE = 'https://as.example alice'

describe.skipIf(redisMissing() !== undefined)('state in a server that is there and goes away', () => {
  let redis: TestRedis
  let open: SharedState[] = []
  let told: string[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(open.map((state) => state.close()))
    open = []
    told = []
    redis.thaw()
    redis.cli('FLUSHALL')
  })
  afterAll(() => redis.close())

  const join = async (sessionKey = SESSION_KEY, timeoutMs = 1_000) => {
    const state = await openTestState(stateSettings([redis.port], { timeoutMs }), {
      sessionKey,
      tell: (sentence) => void told.push(sentence),
    })
    open.push(state)
    return state
  }
  const two = async () => [await join(), await join()] as const
  const back = (state: SharedState) => until(() => state.status?.().ready === true, 'the store is back')
  const made = (nonce?: unknown) => ({ at: Date.now(), nonce })

  test('a rate is taken by both together, given back, and asked for without taking', async () => {
    const [one, other] = (await two()).map((state) => state.rateLimit('calls', RATE))
    const taken = []
    for (let n = 0; n < 7; n += 1) taken.push(await (n % 2 === 0 ? one : other)?.take(ALICE))
    expect(taken.slice(0, 5)).toEqual(Array(5).fill(undefined))
    expect(taken.slice(5).every((wait) => Number(wait) >= 59 && Number(wait) <= 60)).toBe(true)
    expect(await one?.peek(ALICE)).toBeGreaterThan(0)
    other?.giveBack(ALICE, 2)
    expect(await one?.peek(ALICE, 2)).toBeUndefined()
    expect(await one?.take(ALICE, 2)).toBeUndefined()
    expect(await other?.take(ALICE)).toBeGreaterThan(0)
    expect(await other?.take('https://as.example bob', 5)).toBeUndefined()
  })

  test('of many that are taken at one time exactly as many fit as there are', async () => {
    const limits = (await two()).map((state) => state.rateLimit('calls', { count: 100, seconds: 60 }))
    const taken = await Promise.all(
      Array.from({ length: 600 }, (_, n) => limits[n % 2]?.take(n % 3 === 0 ? 'bob' : 'alice')),
    )
    expect(taken.filter((wait) => wait === undefined)).toHaveLength(200)
  })

  test('a window ends, and what was given back does not make it longer', async () => {
    const [state] = await two()
    const limit = state.rateLimit('calls', { count: 1, seconds: 1 })
    expect(await limit.take(ALICE)).toBeUndefined()
    limit.giveBack(ALICE)
    expect(await limit.take(ALICE)).toBeUndefined()
    expect(await limit.take(ALICE)).toBe(1)
    await until(async () => (await limit.take(ALICE)) === undefined, 'the window ended')
  })

  test('D50 while the server is away each counts alone, nobody waits for it, and then they count together again', async () => {
    const [one, other] = (await two()) as [SharedState, SharedState]
    const limits = [one.rateLimit('calls', RATE), other.rateLimit('calls', RATE)]
    expect(await limits[0]?.take(ALICE, 5)).toBeUndefined()
    await redis.kill()
    const alone = await Promise.all(limits.map((limit) => limit.take(ALICE, 5)))
    expect(alone).toEqual([undefined, undefined])
    expect(await limits[0]?.take(ALICE)).toBeGreaterThan(0)
    await redis.start()
    await Promise.all([back(one), back(other)])
    expect(await limits[0]?.take(ALICE, 5)).toBeUndefined()
    expect(await limits[1]?.take(ALICE)).toBeGreaterThan(0)
    expect(told.filter((sentence) => sentence.includes('does not answer'))).toHaveLength(2)
    expect(told.filter((sentence) => sentence.includes('answers again'))).toHaveLength(2)
  })

  test('D51 a server that takes connections and says nothing holds nobody up', async () => {
    const state = await join(SESSION_KEY, 100)
    const limit = state.rateLimit('calls', { count: 10_000, seconds: 60 })
    const proofs = state.usedProofs('a', PROOF_MS, BOUNDS)
    expect(await limit.take(ALICE)).toBeUndefined()
    redis.freeze()
    const began = performance.now()
    await Promise.all(Array.from({ length: 500 }, () => limit.take(ALICE)))
    for (let n = 0; n < 200; n += 1) await limit.take(ALICE)
    expect(await proofs.remember(ALICE, 'p', made())).toBe('unavailable')
    expect(performance.now() - began).toBeLessThan(3_000) // 700 times the limit of one would be 70 s
    redis.thaw()
    await back(state)
    expect(await limit.take(ALICE)).toBeUndefined()
  })

  test('D52 a proof is taken once by all, also when both get it at one time', async () => {
    const states = await two()
    const [one, other] = states.map((state) => state.usedProofs('a', PROOF_MS, BOUNDS))
    const asked = (await one?.remember(ALICE, 'first', made())) as { nonce: string }
    const remember = async (proofs: typeof one, id: string) => proofs?.remember(ALICE, id, made(asked.nonce))
    expect(await remember(one, 'p1')).toBe('new')
    expect(await remember(other, 'p1')).toBe('seen')
    const raced = await Promise.all([remember(one, 'p2'), remember(other, 'p2')])
    expect(raced.sort()).toEqual(['new', 'seen'])
  })

  test('D53 after a flush and after a restart no proof from before counts, whatever clock made it', async () => {
    const [state] = await two()
    const proofs = state.usedProofs('a', PROOF_MS, BOUNDS)
    const nonceOf = async (id: string, at = Date.now()) => {
      const use = await proofs.remember(ALICE, id, { at, nonce: undefined })
      if (typeof use === 'string') throw new Error(`it was ${use}`)
      return use.nonce
    }
    const first = await nonceOf('a1')
    expect(await proofs.remember(ALICE, 'p1', made(first))).toBe('new')
    redis.cli('FLUSHALL')
    const second = await nonceOf('p1') // it was forgotten, and does not count
    expect(second).not.toBe(first)
    expect(await proofs.remember(ALICE, 'p2', made(first))).toEqual({ nonce: second })
    await nonceOf('p3', Date.now() + 299_000) // the fastest clock that is believed
    expect(await proofs.remember(ALICE, 'p4', made(second))).toBe('new')
    expect([proofs.isFresh?.(second), proofs.isFresh?.('made up')]).toEqual([true, false])
    await redis.kill()
    await redis.start()
    await back(state)
    await until(
      async () => (await proofs.remember(ALICE, 'p5', made(second))) !== 'unavailable',
      'it is checked',
    )
    const third = await nonceOf('p4')
    expect([first, second]).not.toContain(third)
  })

  test('D53 a server whose clock is behind believes no proof from before it was restarted', async () => {
    const state = await join()
    const proofs = state.usedProofs('a', PROOF_MS, BOUNDS)
    const keyOfEpoch = () => redis.cli('KEYS', '*}epoch').trim()
    expect(await proofs.remember(ALICE, 'p1', made())).toHaveProperty('nonce')
    const since = Number(redis.cli('GET', keyOfEpoch()).split(' ')[1])
    expect(Math.abs(since - Date.now())).toBeLessThan(5_000)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 }) // the gateway's clock is an hour ahead of its
    redis.cli('FLUSHALL')
    expect(await proofs.remember(ALICE, 'p2', made())).toHaveProperty('nonce')
    vi.useRealTimers()
  })

  test('D54 a caller fills its share of proofs, and nobody else’s', async () => {
    const [state] = await two()
    const proofs = state.usedProofs('a', PROOF_MS, BOUNDS)
    const asked = (await proofs.remember('bob', 'b0', made())) as { nonce: string }
    const fresh = (await proofs.remember(ALICE, 'a0', made())) as { nonce: string }
    const uses = []
    for (let n = 1; n < 13; n += 1) uses.push(await proofs.remember(ALICE, `a${n}`, made(fresh.nonce)))
    expect(uses).toEqual([...Array(9).fill('new'), 'full', 'full', 'full'])
    expect(await proofs.remember('bob', 'b1', made(asked.nonce))).toBe('new')
  })

  test('a task that was begun at one is found at the other, by its owner only', async () => {
    const [one, other] = (await two()).map((state) => state.tasks('a', BOUNDS))
    const targets = [{ kind: 'tool', name: 'danger' }] as const
    one?.remember('route alice', ALICE, 't1', targets)
    expect(await other?.find('route alice', 't1', ALICE)).toEqual(targets)
    expect(await other?.find('route bob', 't1', 'bob')).toBeUndefined()
    expect(await other?.find('route alice', 't2', ALICE)).toBeUndefined()
    for (let n = 0; n < 20; n += 1) one?.remember('route alice', ALICE, `more ${n}`, targets)
    await until(async () => (await other?.find('route alice', 't1', ALICE)) === undefined, 'the oldest went')
    expect(await other?.find('route alice', 'more 19', ALICE)).toEqual(targets)
  })

  test('D55 while the server is away a task is found where it was begun, and elsewhere nobody says that there is none', async () => {
    const [one, other] = (await two()).map((state) => state.tasks('a', BOUNDS))
    one?.remember('route alice', ALICE, 't1', [])
    await redis.kill()
    expect(await one?.find('route alice', 't1', ALICE)).toEqual([])
    expect(await other?.find('route alice', 't1', ALICE)).toBe('unavailable')
    await redis.start()
    await Promise.all(open.map(back))
  })

  test('what was told is told by one of them, and by each while the server is away', async () => {
    const [one, other] = (await two()).map((state) => state.reportDedup('a'))
    expect([
      await one?.isFirst('tool x'),
      await other?.isFirst('tool x'),
      await one?.isFirst('tool x'),
    ]).toEqual([true, false, false])
    await redis.kill()
    expect([await one?.isFirst('tool y'), await other?.isFirst('tool y')]).toEqual([true, true])
    await redis.start()
    await Promise.all(open.map(back))
  })

  test('challenges that lead nowhere are counted together', async () => {
    const [one, other] = (await two()).map((state) => state.challengeLoops('a', RATE, BOUNDS))
    const futile = []
    for (let n = 0; n < 7; n += 1) futile.push(await (n % 2 ? one : other)?.isFutile(ALICE, ['x'], 0))
    expect(futile).toEqual([...Array(5).fill(false), true, true])
  })

  test('work under one name is done by one after the other, and without the server too', async () => {
    const states = await two()
    let running = 0
    const most = async () => {
      let seen = 0
      const work = async () => {
        running += 1
        seen = Math.max(seen, running)
        await new Promise((resolve) => setTimeout(resolve, 30))
        running -= 1
      }
      await Promise.all(
        states.flatMap(({ locks }) => [locks.inTurn('refresh', work), locks.inTurn('refresh', work)]),
      )
      return seen
    }
    expect(await most()).toBe(1)
    await redis.kill()
    expect(await most()).toBeLessThanOrEqual(2)
    await redis.start()
    await Promise.all(open.map(back))
  })
})
