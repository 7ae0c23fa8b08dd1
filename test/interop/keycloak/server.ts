// One Keycloak on loopback with an empty database, which can be stopped and started again with what it knows.
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'
import { installKeycloak } from './install.ts'

const START_LIMIT_MS = 300_000
const STOP_LIMIT_MS = 20_000
const POLL_MS = 500
const MAX_OUTPUT_CHARS = 20_000

export const ADMIN = { username: 'admin', password: 'admin' }

export interface Keycloak {
  readonly origin: string
  start(): Promise<void>
  stop(): Promise<void>
}

export async function createKeycloak(): Promise<Keycloak> {
  const home = installKeycloak()
  rmSync(join(home, 'data/h2'), { recursive: true, force: true })
  const [port, managementPort] = [await freePort(), await freePort()]
  const origin = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  return {
    origin,
    async start() {
      child = spawn(
        join(home, 'bin/kc.sh'),
        [
          'start-dev',
          '--features=cimd',
          '--http-host=127.0.0.1',
          `--http-port=${port}`,
          '--http-management-host=127.0.0.1',
          `--http-management-port=${managementPort}`,
        ],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
          detached: true,
          env: {
            ...process.env,
            JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx512m',
            KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
            KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
          },
        },
      )
      await isReady(child, `${origin}/realms/master/.well-known/openid-configuration`)
    },
    async stop() {
      const running = child
      child = undefined
      if (running !== undefined) await end(running)
    },
  }
}

async function isReady(child: ChildProcess, address: string): Promise<void> {
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const deadline = Date.now() + START_LIMIT_MS
  while ((await statusOf(address)) !== 200) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await end(child)
      throw new Error(`Keycloak did not start\n${output}`)
    }
    await delay(POLL_MS)
  }
}

async function statusOf(address: string): Promise<number> {
  const answer = await fetch(address).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status ?? 0
}

async function end(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined
  signalGroup(child, 'SIGTERM')
  await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { ref: false })])
  signalGroup(child, 'SIGKILL')
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has ended already.
  }
}
