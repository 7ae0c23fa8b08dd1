// Sentinel and a cluster, each with a master that is killed while gateways use it: another takes over, counts go on
// together, and proofs from before do not count. Debian's redis-server 7.0.15, or valkey-server where it is installed.
import { writeFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { StateSettings } from '../../src/core/settings-state.ts'
import type { SharedState } from '../../src/core/shared-state.ts'
import { freePort } from '../support/free-port.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { openTestState } from './open-state.ts'

const PLAIN = [
  '--repl-diskless-sync-delay',
  '0',
  '--save',
  '',
  '--appendonly',
  'no',
  '--maxmemory-policy',
  'noeviction',
]
const RATE = { count: 50, seconds: 3_600 }
const BOUNDS = { size: 400, share: 100 }
const FAILOVER_MS = 90_000

describe.skipIf(redisMissing() !== undefined)('a store of several servers', () => {
  const closed: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closed.splice(0).reverse()) await close()
  })
  const server = async (args: readonly string[]): Promise<TestRedis> => {
    const redis = await startRedis(args)
    closed.push(redis.close)
    return redis
  }
  const join = async (settings: StateSettings): Promise<SharedState> => {
    const state = await openTestState(settings)
    closed.push(state.close)
    await until(() => state.status?.().ready === true, 'it is connected')
    return state
  }
  const nonceOf = async (state: SharedState, caller: string, id: string) => {
    const use = await state
      .usedProofs('a', 600_000, BOUNDS)
      .remember(caller, id, { at: Date.now(), nonce: undefined })
    return typeof use === 'string' ? use : use.nonce
  }

  /** Three Sentinels need two of them; one is enough here, since none is killed. */
  const withSentinel = async () => {
    const master = await server(PLAIN)
    const replica = await server([...PLAIN, '--replicaof', '127.0.0.1', String(master.port)])
    await until(() => master.cli('INFO', 'replication').includes('state=online'), 'the replica is there')
    const sentinel = await startRedis((folder, port) => {
      const file = joinPath(folder, 'sentinel.conf')
      const watch = [
        `port ${port}`,
        `sentinel monitor main 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 3000',
      ]
      writeFileSync(file, watch.join('\n'))
      return [file, '--sentinel']
    })
    closed.push(sentinel.close)
    await until(
      () => sentinel.cli('SENTINEL', 'replicas', 'main').includes(String(replica.port)),
      'it is known',
    )
    return { master, replica, sentinel }
  }

  test('F22 Sentinel: the master dies, and its replica goes on', { timeout: FAILOVER_MS }, async () => {
    const { master, replica, sentinel } = await withSentinel()
    const settings = stateSettings([sentinel.port], { topology: 'sentinel', master: 'main' })
    const [one, other] = [await join(settings), await join(settings)]
    const limits = [one.rateLimit('calls', RATE), other.rateLimit('calls', RATE)]
    await limits[0]?.take('alice', 30)
    await limits[1]?.take('alice', 20)
    expect(await limits[0]?.take('alice')).toBeGreaterThan(0)
    const before = await nonceOf(one, 'alice', 'p1')
    await until(() => replica.cli('KEYS', '*used*').includes('used'), 'it was copied')
    await master.kill()
    const isBack = async () => {
      const nonce = await nonceOf(other, 'alice', 'p2')
      return nonce !== 'unavailable' && nonce !== before
    }
    for (let tries = 0; tries < 5 && !(await isBack()); tries += 1)
      await new Promise((next) => setTimeout(next, 1_000))
    expect(await nonceOf(one, 'alice', 'p3')).not.toBe(before)
    await until(() => one.status?.().ready === true && other.status?.().ready === true, 'both are back')
    expect(await limits[0]?.take('alice')).toBeGreaterThan(0) // what was counted before still counts
    expect(replica.cli('INFO', 'replication')).toContain('role:master')
  })

  test('F23 a cluster: one master dies, and its replica goes on', { timeout: FAILOVER_MS }, async () => {
    const nodes: TestRedis[] = []
    const args = [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '1000',
      '--cluster-config-file',
      'nodes.conf',
    ]
    for (let n = 0; n < 6; n += 1) {
      const bus = String(await freePort()) // else the port and 10,000, which the system may have given to somebody
      nodes.push(await server([...PLAIN, ...args, '--cluster-port', bus]))
    }
    const [first] = nodes as [TestRedis]
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
    first.cli('--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes')
    await until(
      () => nodes.every((node) => node.cli('CLUSTER', 'INFO').includes('cluster_state:ok')),
      'it is whole',
    )
    const settings = stateSettings([first.port, nodes[1]?.port ?? 0], { topology: 'cluster' })
    const [one, other] = [await join(settings), await join(settings)]
    const limits = [one.rateLimit('calls', RATE), other.rateLimit('calls', RATE)]
    const callers = Array.from({ length: 60 }, (_, n) => `caller ${n}`)
    const takeAll = (count: number) =>
      Promise.all(callers.map((caller, n) => limits[n % 2]?.take(caller, count)))
    expect(await takeAll(RATE.count)).toEqual(callers.map(() => undefined))
    expect((await takeAll(1)).every((wait) => Number(wait) > 0)).toBe(true)
    const masters = nodes.filter((node) => node.cli('INFO', 'replication').includes('role:master'))
    const counted = masters.map((node) => Number(node.cli('DBSIZE')))
    expect(counted.every((keys) => keys > 0)).toBe(true) // every master has a part
    await Promise.all(callers.map((caller) => nonceOf(one, caller, 'p1')))
    const before = await Promise.all(callers.map((caller) => nonceOf(one, caller, 'p2')))
    await new Promise((next) => setTimeout(next, 500)) // copies are on their way
    await masters[0]?.kill()
    const heard = async () => {
      const nonces = await Promise.all(
        callers.map((caller, n) => nonceOf(other, caller, `later ${n} ${Math.random()}`)),
      )
      return nonces.includes('unavailable') ? undefined : nonces
    }
    let after = await heard()
    for (let tries = 0; tries < 40 && after === undefined; tries += 1) {
      await new Promise((next) => setTimeout(next, 500))
      after = await heard()
    }
    const changed = after?.filter((nonce, n) => nonce !== before[n]).length ?? 0
    expect(changed).toBeGreaterThan(0) // those of the master that died
    expect(changed).toBeLessThan(callers.length) // and not the others
    await until(() => one.status?.().ready === true && other.status?.().ready === true, 'both are back')
    const waits = await takeAll(1)
    expect(waits.filter((wait) => wait === undefined).length).toBeLessThan(10) // copied but for the last moment
  })
})
