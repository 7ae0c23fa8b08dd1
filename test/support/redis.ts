// A real redis-server (or valkey-server) of a test: on a free port, in a folder of its own, killed and started again as
// a test likes. Where there is none, tests are skipped with the reason; with CI=true they fail.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { StateSettings } from '../../src/core/settings-state.ts'
import { freePort } from './free-port.ts'

export interface TestRedis {
  readonly port: number
  readonly url: string
  readonly folder: string
  /** Of the program at its next start. */
  readonly args: string[]
  /** Runs redis-cli against it. */
  cli(...args: string[]): string
  /** kill -9. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: it takes connections and says nothing. */
  freeze(): void
  thaw(): void
  /** On the same port and folder. */
  start(): Promise<void>
  close(): Promise<void>
}

const PROGRAM = ['valkey-server', 'redis-server'].find(isThere)
const CLI = ['valkey-cli', 'redis-cli'].find(isThere)

/** Why there is none; undefined where there is. */
export function redisMissing(): string | undefined {
  if (PROGRAM !== undefined && CLI !== undefined) return undefined
  const reason = 'skipped: no redis-server here; install the package redis-server, or valkey'
  if (process.env['CI'] === 'true') throw new Error(reason)
  console.warn(reason)
  return reason
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const EPHEMERAL = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']

/** Arguments of the program beside port and folder; or all of them. */
export type RedisArguments = readonly string[] | ((folder: string, port: number) => readonly string[])

export async function startRedis(given: RedisArguments = EPHEMERAL): Promise<TestRedis> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-redis-'))
  const listen = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const args = typeof given === 'function' ? [...given(folder, port)] : [...listen, ...given]
  let child: ChildProcess | undefined
  const cli = (...said: string[]) =>
    execFileSync(CLI ?? 'redis-cli', ['-p', String(port), ...said], { encoding: 'utf8', timeout: 10_000 })
  const kill = async () => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill('SIGCONT')
    ending.kill('SIGKILL')
    await ended
  }
  const redis: TestRedis = {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    args,
    cli,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async start() {
      child = spawn(PROGRAM ?? 'redis-server', args, { stdio: 'ignore' })
      await listening(port)
    },
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await redis.start()
  return redis
}

/** Waits at most ten seconds. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await canConnect(port)) return
    await delay(25)
  }
  throw new Error(`nothing listens on ${port}`)
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}

/** Waits until it holds, at most ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return
    await delay(25)
  }
  throw new Error(`it did not come to this: ${what}`)
}

/** `state` of one server, as the program sees it. */
export function stateSettings(ports: readonly number[], changes: Partial<StateSettings> = {}): StateSettings {
  return {
    topology: 'single',
    nodes: ports.map((port) => ({ host: '127.0.0.1', port })),
    master: undefined,
    database: 0,
    isTls: false,
    ca: undefined,
    login: { username: undefined, password: undefined },
    sentinelLogin: { username: undefined, password: undefined },
    prefix: 'test:',
    timeoutMs: 1_000,
    ...changes,
  }
}
