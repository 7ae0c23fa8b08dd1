// A real PostgreSQL server in a folder of its own, with nothing in it, that a test may kill and start again. Where there is
// none, tests are skipped with a printed reason, except on CI, where its absence is a failure.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from './free-port.ts'

const HOME = '/usr/lib/postgresql'
/** The newest from 15 on; Debian keeps each version in a folder of its own. */
const BIN = existsSync(HOME)
  ? readdirSync(HOME)
      .filter((version) => Number(version) >= 15 && existsSync(join(HOME, version, 'bin/initdb')))
      .toSorted((one, other) => Number(other) - Number(one))
      .map((version) => join(HOME, version, 'bin'))[0]
  : undefined
const PASSWORD = 'a password / with @ signs'

export const hasPostgres = BIN !== undefined

if (!hasPostgres) {
  const reason = `no PostgreSQL 15 or newer below ${HOME}: apt-get install postgresql`
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`the store in PostgreSQL is skipped: ${reason}\n`)
}

/** The server refuses to run as root, so there it runs as whoever the package made for it. */
const OWNER = process.getuid?.() === 0 ? ownerOf('postgres') : {}

function ownerOf(name: string): { readonly uid?: number; readonly gid?: number } {
  const ask = (what: string) => Number(spawnSync('id', [what, name], { encoding: 'utf8' }).stdout)
  return BIN === undefined ? {} : { uid: ask('-u'), gid: ask('-g') }
}

export interface TestPostgres {
  readonly port: number
  readonly folder: string
  /** Of the database that is there, with tables in a schema of its own. */
  url(schema?: string, more?: string): string
  /** As the superuser. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** SIGKILL to the whole server: what was not on disk is gone. */
  kill(): Promise<void>
  /** Again, with more settings. */
  start(...settings: readonly string[]): Promise<void>
  /** The end, with its folder. */
  stop(): Promise<void>
}

/** Makes it and starts it, which takes some seconds. */
export async function startPostgres(...settings: readonly string[]): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-postgres-'))
  if (OWNER.uid !== undefined) chownSync(folder, OWNER.uid, OWNER.gid ?? 0)
  const data = join(folder, 'data')
  const setUp = ['-D', data, '-U', 'test', '--encoding=UTF8', '--no-locale', '--no-sync', '--auth=trust']
  execFileSync(join(BIN ?? '', 'initdb'), setUp, { ...OWNER, stdio: 'ignore', cwd: folder })
  const port = await freePort()
  let server: ChildProcess | undefined
  const self: TestPostgres = {
    port,
    folder,
    url: (schema = 'portcullis', more = '') =>
      `postgres://test:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/test?schema=${schema}${more}`,
    sql: (text, values) =>
      withClient(port, 'test', async (client) => (await client.query(text, [...(values ?? [])])).rows),
    async kill() {
      if (server?.pid === undefined || server.exitCode !== null) return
      const gone = once(server, 'exit')
      process.kill(-server.pid, 'SIGKILL')
      await gone
      server = undefined
    },
    async start(...more) {
      const given = [...settings, ...more].flatMap((setting) => ['-c', setting])
      const fixed = ['-D', data, '-k', folder, '-p', String(port), '-h', '127.0.0.1', ...USUAL]
      server = spawn(join(BIN ?? '', 'postgres'), [...fixed, ...given], {
        ...OWNER,
        cwd: folder,
        stdio: 'ignore',
        detached: true,
      })
      await untilItAnswers(port)
    },
    async stop() {
      await self.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await self.start()
  await withClient(port, 'postgres', (client) => client.query('CREATE DATABASE test'))
  return self
}

/** Nothing survives the machine, and nothing has to. */
const USUAL = ['-F', '-c', 'shared_buffers=16MB', '-c', 'max_connections=60', '-c', 'autovacuum=off']

async function withClient<T>(
  port: number,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ host: '127.0.0.1', port, user: 'test', database })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function untilItAnswers(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    try {
      return await withClient(port, 'postgres', async (client) => void (await client.query('SELECT 1')))
    } catch {
      await sleep(50)
    }
  }
  throw new Error('PostgreSQL does not start')
}
