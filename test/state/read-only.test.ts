// A server that became a replica and still answers: it takes no writes, so it counts as away, and the gateway connects
// again, to wherever the address leads by then. Two of Debian's redis-server 7.0.15, or of valkey-server where it is installed.
import { type AddressInfo, createServer, connect as openSocket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { SharedState } from '../../src/core/shared-state.ts'
import { startTestGateway } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { metricsOf } from '../support/scrape.ts'
import { openTestState } from './open-state.ts'

const SERVER = ['--repl-diskless-sync-delay', '0', '--save', '', '--maxmemory-policy', 'noeviction']
const RATE = { count: 5, seconds: 3_600 }
const BOUNDS = { size: 400, share: 100 }
const ALICE = 'https://as.example alice'

/** An address that leads to one server, and later to another: as a name in DNS, or the service of a cluster. */
async function startAddress(first: TestRedis) {
  let leadsTo = first
  const server = createServer((socket) => {
    const behind = openSocket(leadsTo.port, '127.0.0.1')
    socket.on('error', () => behind.destroy()).on('close', () => behind.destroy())
    behind.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.pipe(behind).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(other: TestRedis) {
      leadsTo = other
    },
    close: async () => void server.close(),
  }
}

/** `from` follows `to`, which takes over. */
function failOver(from: TestRedis, to: TestRedis): void {
  to.cli('REPLICAOF', 'NO', 'ONE')
  from.cli('REPLICAOF', '127.0.0.1', String(to.port))
}

describe.skipIf(redisMissing() !== undefined)('a server that became a replica', () => {
  const closed: (() => Promise<unknown>)[] = []
  const told: string[] = []
  afterEach(async () => {
    for (const close of closed.splice(0).reverse()) await close()
    told.length = 0
  })
  const two = async () => {
    const master = await startRedis(SERVER)
    const replica = await startRedis([...SERVER, '--replicaof', '127.0.0.1', String(master.port)])
    closed.push(master.close, replica.close)
    await until(() => master.cli('INFO', 'replication').includes('state=online'), 'the replica is there')
    const address = await startAddress(master)
    closed.push(address.close)
    return { master, replica, address }
  }
  const join = async (port: number): Promise<SharedState> => {
    const state = await openTestState(stateSettings([port]), { tell: (words) => void told.push(words) })
    closed.push(state.close)
    return state
  }
  const isReady = (state: SharedState) => state.status?.().ready === true
  const made = (nonce?: unknown) => ({ at: Date.now(), nonce })

  test('is away for all that is written, until its address leads to the server that takes writes', async () => {
    const { master, replica, address } = await two()
    const [one, other] = [await join(address.port), await join(address.port)]
    const limits = [one.rateLimit('calls', RATE), other.rateLimit('calls', RATE)]
    const proofs = one.usedProofs('a', 600_000, BOUNDS)
    const { nonce: before } = (await proofs.remember(ALICE, 'p1', made())) as { nonce: string }
    expect(await proofs.remember(ALICE, 'p2', made(before))).toBe('new')
    expect(await limits[0]?.take(ALICE, 5)).toBeUndefined()
    expect(await limits[1]?.take(ALICE)).toBeGreaterThan(0)
    await until(() => replica.cli('KEYS', '*').includes('used'), 'it was copied')
    failOver(master, replica)
    expect(await proofs.remember(ALICE, 'p3', made(before))).toBe('unavailable')
    await until(() => !isReady(one) && !isReady(other), 'both know')
    expect(await limits[1]?.take(ALICE, 5)).toBeUndefined() // counted here alone
    expect(await limits[1]?.take(ALICE)).toBeGreaterThan(0)
    expect(one.status?.()).toMatchObject({ ready: false, lastError: 'READONLY' })
    address.leadTo(replica)
    await until(() => isReady(one) && isReady(other), 'they found it')
    expect(one.status?.().lastError).toBeUndefined()
    expect(await limits[0]?.take(ALICE)).toBeGreaterThan(0) // what was counted before counts
    const taken = (await proofs.remember(ALICE, 'p4', made(before))) as { nonce: string }
    expect(taken.nonce).not.toBe(before)
    expect(await proofs.remember(ALICE, 'p2', made(taken.nonce))).toBe('seen')
    const writes = told.filter((words) => words.includes('takes no writes (READONLY)'))
    expect([writes.length, told.filter((words) => words.includes('answers again')).length]).toEqual([2, 2])
  })

  test('is noticed where nothing is written, and is back when it takes writes again', async () => {
    const { master, replica, address } = await two()
    const state = await join(address.port)
    let lost = 0
    state.feed.listen({
      heard: () => undefined,
      lost: () => {
        lost += 1
      },
    })
    await until(() => lost === 1, 'it has found its place in the feed')
    failOver(master, replica)
    await until(() => !isReady(state), 'it is noticed')
    await until(() => lost > 1, 'the feed counts as lost')
    failOver(replica, master)
    await until(() => isReady(state), 'it is back')
  })

  test('so is a master without the replicas that it must have', async () => {
    const master = await startRedis([...SERVER, '--min-replicas-to-write', '1'])
    closed.push(master.close)
    const state = await join(master.port)
    const limit = state.rateLimit('calls', RATE)
    await until(() => state.status?.().lastError === 'NOREPLICAS', 'it is known from the start')
    master.cli('CONFIG', 'SET', 'min-replicas-to-write', '0')
    await until(() => isReady(state), 'it takes writes')
    expect(await limit.take(ALICE)).toBeUndefined()
    master.cli('CONFIG', 'SET', 'min-replicas-to-write', '1')
    expect(await limit.take(ALICE, 4)).toBeUndefined() // counted here alone
    expect(state.status?.()).toMatchObject({ ready: false, lastError: 'NOREPLICAS' })
    master.cli('CONFIG', 'SET', 'min-replicas-to-write', '0')
    await until(() => isReady(state), 'it is back')
    expect(await limit.take(ALICE, 5)).toBeGreaterThan(0) // one was counted there
  })

  test('readiness and metrics say so, calls go on', async () => {
    const { master, replica, address } = await two()
    const gateway = await startTestGateway({
      top: `session_key: kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY\nstate: { url: "redis://127.0.0.1:${address.port}" }`,
      route: '    limits: { rate: { per_subject: 100/min } }',
    })
    closed.push(gateway.close)
    const { body, headers } = callOf('legacy')
    const isAway = async () => /^portcullis_state_away 1$/m.test(await metricsOf(gateway))
    const readiness = async () => (await fetch(`${gateway.running.adminOrigin}/readyz`)).json()
    await until(async () => !(await isAway()), 'it is connected')
    failOver(master, replica)
    expect((await gateway.post(body, headers)).status).toBe(200)
    expect(await isAway()).toBe(true)
    expect(await readiness()).toMatchObject({ ready: true, state: { ready: false, lastError: 'READONLY' } })
    address.leadTo(replica)
    await until(async () => !(await isAway()), 'it is found')
    expect(await readiness()).toMatchObject({ state: { ready: true } })
  })
})
