// What a server must be like, and what stands in it: nobody who reads it learns a name, and nothing that others write
// into it is believed. Debian's redis-server 7.0.15, or valkey-server where it is installed.
import { writeFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { StateSettings } from '../../src/core/settings-state.ts'
import type { SharedState } from '../../src/core/shared-state.ts'
import { createCertificate } from '../support/certificate.ts'
import { freePort } from '../support/free-port.ts'
import { redisMissing, startRedis, stateSettings, type TestRedis, until } from '../support/redis.ts'
import { openTestState } from './open-state.ts'

const RATE = { count: 5, seconds: 60 }
const BOUNDS = { size: 40, share: 10 }
const PLAIN = ['--save', '', '--appendonly', 'no']

describe.skipIf(redisMissing() !== undefined)('a server for shared state', () => {
  const closed: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closed.splice(0).reverse()) await close()
  })
  const told: string[] = []
  const server = async (args: readonly string[]): Promise<TestRedis> => {
    const redis = await startRedis([...PLAIN, ...args])
    closed.push(redis.close)
    return redis
  }
  const join = async (settings: StateSettings): Promise<SharedState> => {
    const state = await openTestState(settings, { tell: (sentence) => void told.push(sentence) })
    closed.push(state.close)
    return state
  }

  test('D59 one that evicts is refused at start, with what to set; one that begins to is not asked for proofs', async () => {
    const evicting = await server(['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'])
    await expect(join(stateSettings([evicting.port]))).rejects.toThrow(/allkeys-lru.*noeviction/)
    evicting.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    const state = await join(stateSettings([evicting.port]))
    const proofs = state.usedProofs('a', 600_000, BOUNDS)
    const made = { at: Date.now(), nonce: undefined }
    expect(await proofs.remember('alice', 'p0', made)).toHaveProperty('nonce')
    await evicting.kill() // started again with the policy of its command line
    expect(await state.rateLimit('calls', RATE).take('alice')).toBeUndefined()
    await evicting.start()
    await until(() => told.some((sentence) => sentence.includes('until then proofs')), 'it is told')
    expect(await proofs.remember('alice', 'p1', made)).toBe('unavailable')
    expect(await state.rateLimit('calls', RATE).take('alice', 5)).toBeUndefined()
  })

  test('a gateway starts while the server is away, and finds it later', async () => {
    const port = await freePort()
    const state = await join(stateSettings([port]))
    expect(state.status?.()).toMatchObject({ name: 'state', ready: false })
    expect(await state.rateLimit('calls', RATE).take('alice', 5)).toBeUndefined()
    expect(told.at(-1)).toMatch(/counts alone/)
  })

  test('F21 keys and values name no caller, task or tool, and are of use at their own place only', async () => {
    const redis = await server([])
    const [one, other] = [await join(stateSettings([redis.port])), await join(stateSettings([redis.port]))]
    const tasks = other.tasks('a', BOUNDS)
    const made = { at: Date.now(), nonce: undefined }
    await one.rateLimit('calls', RATE).take('https://as.example alice@corp.example')
    await one.usedProofs('a', 600_000, BOUNDS).remember('https://as.example alice@corp.example', 'p1', made)
    one
      .tasks('a', BOUNDS)
      .remember('owner-of-task', 'alice@corp.example', 'task-1', [{ kind: 'tool', name: 'purge' }])
    one.feed.publish({ kind: 'verdict_forgotten', route: 'a', digest: 'digest-of-token' })
    await until(
      async () => (await tasks.find('owner-of-task', 'task-1', 'alice@corp.example')) !== undefined,
      'kept',
    )
    const keys = redis.cli('KEYS', '*').trim().split('\n')
    const dump = [...keys, ...keys.map((key) => redis.cli('DUMP', key))].join('\n')
    expect(keys.every((key) => key.startsWith('test:{'))).toBe(true)
    for (const name of [
      'alice',
      'corp.example',
      'purge',
      'owner-of-task',
      'task-1',
      'digest-of-token',
      'p1\n',
    ]) {
      expect(dump).not.toContain(name)
    }
    const kept = keys.find((key) => key.includes('kept tasks')) ?? ''
    redis.cli('SET', kept, '[{"kind":"tool","name":"anything"}]')
    expect(await tasks.find('owner-of-task', 'task-1', 'alice@corp.example')).toBeUndefined()
  })

  test('every key ends by itself, but for the epochs and the feed', async () => {
    const redis = await server([])
    const state = await join(stateSettings([redis.port]))
    await state.rateLimit('calls', RATE).take('alice')
    await state.usedProofs('a', 600_000, BOUNDS).remember('alice', 'p', { at: 0, nonce: undefined })
    await state.reportDedup('a').isFirst('x')
    state.tasks('a', BOUNDS).remember('o', 'alice', 't', [])
    await until(() => redis.cli('KEYS', '*kept*').includes('kept'), 'kept')
    const lasting = redis
      .cli('KEYS', '*')
      .trim()
      .split('\n')
      .filter((key) => redis.cli('TTL', key).trim() === '-1')
    expect(lasting.filter((key) => !/\}epoch$|\{feed\}/.test(key))).toEqual([])
  })

  test('an ACL user with the rights of the page is enough, and without them proofs are refused', async () => {
    const redis = await server([])
    const rights = '~test:* -@all +@read +@write +eval +evalsha +info +time +ping +hello'
    redis.cli('ACL', 'SETUSER', 'gateway', 'on', '>hush-hush', ...rights.split(' '))
    const login = { username: 'gateway', password: new Secret('hush-hush') }
    const state = await join(stateSettings([redis.port], { login }))
    const proofs = state.usedProofs('a', 600_000, BOUNDS)
    expect(await proofs.remember('alice', 'p', { at: 0, nonce: undefined })).toHaveProperty('nonce')
    expect(await state.rateLimit('calls', RATE).take('alice')).toBeUndefined()
    expect(redis.cli('KEYS', 'test:*count*')).toContain('count')
    const wrong = await join(
      stateSettings([redis.port], { login: { ...login, password: new Secret('hush') } }),
    )
    expect(await wrong.usedProofs('a', 600_000, BOUNDS).remember('a', 'p', { at: 0, nonce: undefined })).toBe(
      'unavailable',
    )
    expect(JSON.stringify([told, wrong.status?.()])).not.toContain('hush')
  })

  test('TLS with an authority of one’s own, and no connection to a server of another', async () => {
    const certificate = createCertificate()
    const port = await freePort()
    const redis = await server([])
    const files = { cert: joinPath(redis.folder, 'cert.pem'), key: joinPath(redis.folder, 'key.pem') }
    writeFileSync(files.cert, certificate.cert)
    writeFileSync(files.key, certificate.key)
    await redis.kill()
    redis.args.push(...['--tls-port', String(port), '--tls-auth-clients', 'no'])
    redis.args.push(...['--tls-cert-file', files.cert, '--tls-key-file', files.key])
    await redis.start()
    const state = await join(stateSettings([port], { isTls: true, ca: certificate.cert }))
    expect(state.status?.()).toMatchObject({ ready: true })
    const wary = await join(stateSettings([port], { isTls: true, ca: createCertificate().cert }))
    expect(wary.status?.()).toMatchObject({ ready: false })
  })
})
