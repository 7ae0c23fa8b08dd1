// What a gateway refuses to start on, with a sentence, and what it makes where nothing is: a real PostgreSQL 15 or newer,
// and Debian's PgBouncer where it is installed.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../../../src/as/store/postgres/open-postgres.ts'
import type { Store } from '../../../src/as/store/store.ts'
import { freePort } from '../../support/free-port.ts'
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts'

const OPTIONS = { secret: Buffer.alloc(32, 7), clock: { now: () => Date.now() } }
const BOUNCER = '/usr/sbin/pgbouncer'
const hasBouncer = hasPostgres && existsSync(BOUNCER)
if (hasPostgres && !hasBouncer)
  process.stderr.write(`a pooler in front of PostgreSQL is skipped: no PgBouncer at ${BOUNCER}\n`)

let postgres: TestPostgres
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
})
afterAll(() => postgres?.stop())
const opened: Store[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

async function open(url: string, options = OPTIONS): Promise<Store> {
  const store = await openPostgres(url, options)
  opened.push(store)
  return store
}

describe.skipIf(!hasPostgres)('a server', () => {
  test('five that start at once make the tables and one key', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(postgres.url('at_once'))))
    const kids = stores.map(({ live }) => live.signingKeys().map(({ kid }) => kid))
    expect(new Set(kids.flat()).size).toBe(1)
  })

  test('the same one again finds what it kept, and another secret is told so', async () => {
    const first = await open(postgres.url('again'))
    await first.users.add('ada', 'hash')
    expect(await (await open(postgres.url('again'))).users.find('ada')).toMatchObject({ subject: 'ada' })
    const other = { ...OPTIONS, secret: Buffer.alloc(32, 8) }
    await expect(open(postgres.url('again'), other)).rejects.toThrow('sealed with another key')
  })

  test('tables of a newer version are left alone', async () => {
    await open(postgres.url('newer'))
    await postgres.sql('INSERT INTO newer.steps VALUES (999)')
    await expect(open(postgres.url('newer'))).rejects.toThrow('changed by a newer version')
  })

  test('a user who may not make a schema is told what failed, without the password', async () => {
    await postgres.sql(`CREATE ROLE guest LOGIN PASSWORD 'x'`)
    const url = `postgres://guest:hidden-word@127.0.0.1:${postgres.port}/test?schema=of_guest`
    const refused = await openPostgres(url, OPTIONS).then(
      () => '',
      (error: Error) => `${error.message} ${JSON.stringify(error)}`,
    )
    expect(refused).toMatch(/^the tables at postgres:\/\/127\.0\.0\.1:\d+\/test .* permission denied/)
    expect(refused).not.toContain('hidden-word')
  })

  test('F32: one that takes no writes is refused', async () => {
    await postgres.sql('CREATE DATABASE standby')
    await postgres.sql('ALTER DATABASE standby SET default_transaction_read_only = on')
    const url = postgres.url().replace('/test?', '/standby?')
    await expect(open(url)).rejects.toThrow(/takes no writes: it is a standby, or/)
  })

  test('nobody there is told as that', async () => {
    await expect(open('postgres://a:b@127.0.0.1:1/x')).rejects.toThrow(
      /^postgres:\/\/127\.0\.0\.1:1\/x \(schema portcullis\) cannot be used: .*ECONNREFUSED/,
    )
  })
})

describe.skipIf(!hasPostgres)('F33: TLS', () => {
  const names = ['localhost', '/CN=localhost'] as const
  let authority = ''
  beforeAll(async () => {
    const [key, certificate] = ['server.key', 'server.crt'].map((name) => join(postgres.folder, name))
    const wanted = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', names[1]]
    const files = ['-keyout', key ?? '', '-out', certificate ?? '']
    execFileSync('openssl', ['req', ...wanted, '-addext', `subjectAltName=DNS:${names[0]}`, ...files], {
      stdio: 'ignore',
    })
    const { uid, gid } = statSync(postgres.folder)
    for (const file of [key ?? '', certificate ?? '']) {
      chmodSync(file, 0o600)
      chownSync(file, uid, gid)
    }
    authority = join(postgres.folder, 'authority.pem')
    writeFileSync(authority, execFileSync('cat', [certificate ?? '']))
    await postgres.kill()
    await postgres.start('ssl=on', `ssl_key_file=${key}`, `ssl_cert_file=${certificate}`)
  })
  const named = (host: string) => postgres.url('tls', '&sslmode=require').replace('127.0.0.1', host)

  test('the certificate is checked, and its name, also with sslmode=require', async () => {
    await expect(open(named('localhost'))).rejects.toThrow('self-signed certificate')
    await expect(open(`${named('127.0.0.1')}&sslrootcert=${authority}`)).rejects.toThrow(/altnames/)
    const store = await open(`${named('localhost')}&sslrootcert=${authority}`)
    expect(await store.users.list()).toEqual([])
    const used = await postgres.sql(
      `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'portcullis tls%'`,
    )
    expect(new Set(used.map(({ ssl }) => ssl))).toEqual(new Set([true]))
  })
})

describe.skipIf(!hasBouncer)('F31: a pooler', () => {
  test.each([
    ['transaction', false],
    ['session', true],
  ] as const)('pool_mode = %s', async (mode, isUsed) => {
    const port = await freePort()
    const stop = await startBouncer(mode, port)
    const url = postgres.url(`pooled_${mode}`).replace(`:${postgres.port}`, `:${port}`)
    try {
      if (isUsed) expect(await (await open(url)).users.list()).toEqual([])
      else await expect(open(url)).rejects.toThrow('is a pooler that lends connections for one transaction')
    } finally {
      for (const store of opened.splice(0)) await store.close()
      await stop()
    }
  })

  async function startBouncer(mode: string, port: number): Promise<() => Promise<void>> {
    const file = join(postgres.folder, `bouncer-${mode}.ini`)
    const { uid, gid } = statSync(postgres.folder)
    const lines = [
      ...['[databases]', `test = host=127.0.0.1 port=${postgres.port} dbname=test user=test`, '[pgbouncer]'],
      ...[`listen_port = ${port}`, 'listen_addr = 127.0.0.1', 'auth_type = any', `pool_mode = ${mode}`],
      ...['unix_socket_dir =', 'default_pool_size = 20'],
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const child = spawn(BOUNCER, ['-q', file], { uid, gid, stdio: 'ignore' })
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    for (let tries = 0; tries < 100 && !(await answers(port)); tries += 1) await sleep(50)
    return async () => {
      child.kill('SIGKILL')
      await gone
    }
  }

  function answers(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  }
})
