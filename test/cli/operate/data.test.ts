// `data copy` and `backup` as commands, and the other ones over a real PostgreSQL server.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGatewayLocks } from '../../../src/as/store/open-data.ts'
import { openPostgres } from '../../../src/as/store/postgres/open-postgres.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import type { OpenStore, Store } from '../../../src/as/store/store.ts'
import { cli } from '../../../src/cli/cli.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts'
import { folderWith, recordingIo } from '../shared/recording-io.ts'

const SECRET = 'w9Qf3ZtL0sVbXhR7mKpD2yJcE5uNaG8T'
const OTHER_SECRET = 'b8Xk2VnQ7rTzLmJ4sWcH9eYpD6uGfA3R'
const CLOCK = { now: () => Date.now() }
const KIND = { name: 'sign-in', most: 100 } as const

async function run(line: string, cwd: string) {
  const io = recordingIo({ cwd })
  const code = await cli(line.split(' '), io)
  return { code, out: io.out(), err: io.err() }
}

const configuration = (data: string, secret: string) => `
public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
session_key: ${SECRET}
issuers: { builtin: { embedded: true } }
authorization_server: { data: "${data}", cookie_secret: ${secret} }
routes:
  - { name: notes, path: /notes/mcp, upstream: "http://127.0.0.1:3001/mcp", issuers: [builtin] }
`

/** One of everything, as it is kept. */
async function fill({
  artifacts,
  clients,
  consents,
  outbox,
  providerTokens,
  singleUses,
  tallies,
  ...rest
}: Store) {
  await rest.users.add('ada', 'a hash')
  await clients.save(
    'c',
    'registered',
    { client_id: 'c', client_secret: 'hidden', client_name: 'C' },
    '192.0.2.1',
  )
  await artifacts.save('Grant', 'g', { accountId: 'ada', clientId: 'c', resources: { r: 's' } }, 600)
  for (let index = 0; index < 450; index += 1)
    await artifacts.save('RefreshToken', `r${index}`, { grantId: 'g', accountId: 'ada' }, 600)
  await artifacts.consume('RefreshToken', 'r0')
  const consent = { clientId: 'c', clientName: 'C', redirectUri: 'https://c.example', resource: 'r' }
  await consents.give('ada', { ...consent, scopes: ['s'] })
  await providerTokens.keep('ada', 'a token of a provider')
  await singleUses.use('ended session', 'x', Date.now() + 600_000)
  await outbox.put({ event: 'user_added', actor: 'operator olga', subject: 'ada' })
  await tallies.set(KIND, 'k', { count: 3, at: 1 }, Date.now() + 600_000)
  await rest.revocations.add('token', 't')
  const passkey = { rpId: 'mcp.example.com', userHandle: 'aGFuZGxl', publicKey: new Uint8Array([0, 255]) }
  const key = { id: 'p', subject: 'ada', transports: ['usb'], name: 'Blue key', isSynced: true }
  await rest.passkeys.add({ ...passkey, ...key, counter: 3 })
  await rest.resets.start('ada', 'a token of a link', Date.now() + 600_000)
  const browser = { id: 'l', subject: 'ada', browser: 'Firefox on Linux', address: '192.0.2.1' }
  await rest.loginSessions.save({ ...browser, key: 'k', lifeSeconds: 600 })
}

async function contentOf(store: Store) {
  const { artifacts, clients, consents, grants, live, outbox, singleUses, users } = store
  return {
    users: await users.list(),
    clients: (await clients.list()).map((client) => client),
    consents: (await consents.list('ada')).map((consent) => consent),
    grants: await grants.list(),
    token: await artifacts.find('RefreshToken', 'r449'),
    used: (await artifacts.find('RefreshToken', 'r0'))?.consumedAt,
    keys: live.signingKeys().map(({ jwk }) => jwk),
    revoked: live.revokedAt('token', 't'),
    ended: await singleUses.has('ended session', 'x'),
    told: await outbox.take(),
    passkeys: await store.passkeys.of('ada'),
    reset: await store.resets.find('a token of a link'),
  }
}

async function using<T>(open: OpenStore, data: string, secret: string, work: (store: Store) => Promise<T>) {
  const store = await open(data, { secret: Buffer.from(secret), clock: CLOCK })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

describe.skipIf(!hasPostgres)('with a server', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  test.each([
    ['the same secret', SECRET, SECRET],
    ['another secret', SECRET, OTHER_SECRET],
  ])('there and back with %s, and nothing is lost', async (_what, before, after) => {
    const schema = before === after ? 'same' : 'another'
    const cwd = folderWith({
      'old.yaml': configuration('as.sqlite', before),
      'server.yaml': configuration(postgres.url(schema), after),
      'new.yaml': configuration('new.sqlite', after),
    })
    await using(openStore, join(cwd, 'as.sqlite'), before, fill)
    const there = await run('data copy old.yaml server.yaml', cwd)
    expect(there).toMatchObject({ code: 0 })
    expect(there.out).toMatch(/^artifacts +451 *$/m)
    for (const table of ['tallies', 'login_sessions'])
      expect(there.out).toMatch(new RegExp(`^${table} +${before === after ? '1 *' : '0 +1'}$`, 'm'))
    const again = await run('data copy old.yaml server.yaml', cwd)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('data at the target already') })
    expect(await run('data copy server.yaml new.yaml', cwd)).toMatchObject({ code: 0 })
    const kept = await using(openStore, join(cwd, 'as.sqlite'), before, contentOf)
    expect(await using(openPostgres, postgres.url(schema), after, contentOf)).toEqual(kept)
    expect(await using(openStore, join(cwd, 'new.sqlite'), after, contentOf)).toEqual(kept)
  })

  test('a place that a gateway serves from is left alone', async () => {
    const url = postgres.url('served')
    const cwd = folderWith({
      'server.yaml': configuration(url, SECRET),
      'as.yaml': configuration('as.sqlite', SECRET),
    })
    await using(openPostgres, url, SECRET, async () => {
      const refused = await run('data copy server.yaml as.yaml', cwd)
      expect(refused).toMatchObject({
        code: 1,
        err: expect.stringContaining('a gateway serves from postgres://'),
      })
    })
    await using(openStore, join(cwd, 'as.sqlite'), SECRET, async () => undefined)
    const end = createGatewayLocks().take(join(cwd, 'as.sqlite'))
    const refused = await run('data copy as.yaml server.yaml', cwd)
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('; stop it first') })
    end()
  })

  test('restore --in-place ends what was issued in what pg_restore brought back', async () => {
    const url = postgres.url('restored')
    const cwd = folderWith({ 'gateway.yaml': configuration(url, SECRET) })
    const before = await using(openPostgres, url, SECRET, async (gateway) => {
      await fill(gateway)
      expect(await run('restore --in-place', cwd)).toMatchObject({
        code: 1,
        err: expect.stringContaining('a gateway serves from postgres://'),
      })
      return { ...(await contentOf(gateway)), told: undefined }
    })
    expect(await run('restore copy.sqlite', cwd)).toMatchObject({
      code: 1,
      err: expect.stringContaining('bring it back by pg_restore'),
    })
    const restored = await run('restore --in-place', cwd)
    expect(restored).toMatchObject({ code: 0, err: '' })
    expect(restored.out).toMatch(/^artifacts +451$/m)
    const after = await using(openPostgres, url, SECRET, contentOf)
    expect(after.told.map(({ event }) => event)).toEqual(['data_restored'])
    expect(after.keys).toHaveLength(1)
    expect(after.keys).not.toEqual(before.keys)
    const ended = { consents: [], grants: [], token: undefined, used: undefined, reset: undefined }
    const { keys } = after
    expect({ ...after, told: undefined }).toEqual({ ...before, ...ended, keys })
  })

  test('users, clients, grants and keys work beside a gateway', async () => {
    const url = postgres.url('operated')
    const cwd = folderWith({ 'gateway.yaml': configuration(url, SECRET) })
    await using(openPostgres, url, SECRET, async (gateway) => {
      await gateway.users.add('ada', 'a hash')
      await gateway.artifacts.save('Grant', 'g', { accountId: 'ada', clientId: 'c' }, 600)
      expect((await run('users list', cwd)).out).toContain('ada')
      expect(await run('users disable ada', cwd)).toMatchObject({ code: 0 })
      expect(await run('keys rotate', cwd)).toMatchObject({ code: 0 })
      expect((await run('grants list', cwd)).out).toContain('no grants')
      expect((await run('clients list', cwd)).code).toBe(0)
      await gateway.live.catchUp?.()
      expect(gateway.live.revokedAt('grant', 'g')).toBeTypeOf('number')
      expect(await gateway.live.person('ada')).toMatchObject({ disabled: true })
      expect(gateway.live.signingKeys()).toHaveLength(2)
    })
  })

  test('a URL is not taken from the command line, and its password is not shown', async () => {
    const cwd = folderWith({
      'gateway.yaml': configuration('postgres://a:hidden-word@127.0.0.1:1/x', SECRET),
    })
    const named = await run('data copy postgres://a:hidden-word@127.0.0.1:1/x as.sqlite', cwd)
    expect(named).toMatchObject({
      code: 78,
      err: expect.stringContaining('write the URL into a configuration'),
    })
    const away = await run('users list', cwd)
    expect(away.code).toBe(1)
    for (const { out, err } of [named, away, await run('backup copy.sqlite', cwd)])
      expect(out + err).not.toContain('hidden-word')
  })
})

describe('backup', () => {
  test('beside a gateway, whole, for its owner only, and never over a file', async () => {
    const cwd = folderWith({ 'gateway.yaml': configuration('as.sqlite', SECRET) })
    await using(openStore, join(cwd, 'as.sqlite'), SECRET, async (gateway) => {
      await fill(gateway)
      expect(await run('backup copy.sqlite', cwd)).toMatchObject({
        code: 0,
        out: expect.stringContaining('cookie_secret'),
      })
    })
    expect(statSync(join(cwd, 'copy.sqlite')).mode & 0o777).toBe(0o600)
    const kept = await using(openStore, join(cwd, 'as.sqlite'), SECRET, contentOf)
    expect(await using(openStore, join(cwd, 'copy.sqlite'), SECRET, contentOf)).toEqual(kept)
    const again = await run('backup copy.sqlite', cwd)
    expect(again).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already; name another file'),
    })
  })

  test('what is no data is told, and leaves no file', async () => {
    const cwd = folderWith({})
    expect((await run('backup copy.sqlite', cwd)).err).toContain('there is no data at')
    writeFileSync(join(cwd, 'broken'), 'something else '.repeat(500))
    expect((await run('backup copy.sqlite --data broken', cwd)).err).toContain('not a database')
    expect(() => statSync(join(cwd, 'copy.sqlite'))).toThrow('ENOENT')
  })
})
