// One replica: the built gateway with its two workers, which can be asked to end, killed, and started again.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Readiness } from '../../src/core/readiness.ts'
import { type Program, startProgram } from '../program.ts'
import { auditPath, type GatewayFile, gatewayFile, SECRETS } from './gateway-file.ts'

const ROOT = join(import.meta.dirname, '..', '..')
export const NODE = join(ROOT, 'node_modules', '.bin', 'node')
export const MAIN = join(ROOT, 'dist', 'main.js')
const START_LIMIT_MS = 120_000
const POLL_MS = 50

export interface Replica {
  readonly number: number
  readonly port: number
  readonly config: string
  readonly audit: string
  start(): Promise<void>
  /** SIGTERM; resolves to how it ended. */
  end(): Promise<number | string>
  /** SIGKILL to the primary alone. */
  kill(): Promise<void>
  primary(): number
  /** Process ids of the workers that serve. */
  workers(): Promise<readonly number[]>
  /** Whether all of its workers serve, with what they share; what is behind them may be away. */
  isWhole(): Promise<boolean>
}

export function createReplica(folder: string, number: number, file: Omit<GatewayFile, 'audit'>): Replica {
  const audit = auditPath(folder, number)
  const config = join(folder, `gateway-${number}.yaml`)
  writeFileSync(config, gatewayFile({ ...file, audit }))
  let program: Program | undefined
  let starts = 0
  const readiness = async (): Promise<Readiness | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${file.adminPort}/readyz`, {
      signal: AbortSignal.timeout(3_000),
    }).catch(() => undefined)
    return (await answer?.json().catch(() => undefined)) as Readiness | undefined
  }
  return {
    ...{ number, port: file.port, config, audit },
    async start() {
      starts += 1
      const log = join(folder, `gateway-${number}-${starts}.log`)
      const args = ['--max-semi-space-size=4', MAIN, 'run', '-c', config]
      const options = { env: SECRETS, startLimitMs: START_LIMIT_MS, cwd: folder }
      program = await startProgram(NODE, args, file.port, log, options)
    },
    async end() {
      program?.child.kill('SIGTERM')
      return (await program?.exited) ?? 'never started'
    },
    async kill() {
      program?.child.kill('SIGKILL')
      await program?.exited
    },
    primary: () => program?.pid ?? 0,
    workers: async () => serving(await readiness()),
    async isWhole() {
      const now = await readiness()
      return (
        now !== undefined && now.draining !== true && now.state?.ready !== false && serving(now).length === 2
      )
    },
  }
}

function serving(readiness: Readiness | undefined): readonly number[] {
  const workers = readiness?.workers ?? []
  return workers.flatMap(({ state, pid }) => (state === 'serving' && pid !== undefined ? [pid] : []))
}

/** Throws after `limitMs`. */
export async function wholeAgain(replicas: readonly Replica[], limitMs = START_LIMIT_MS): Promise<void> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const whole = await Promise.all(replicas.map((replica) => replica.isWhole()))
    if (whole.every(Boolean)) return
    const missing = replicas.filter((_, index) => !whole[index]).map(({ number }) => number)
    if (performance.now() > deadline) throw new Error(`not whole after ${limitMs} ms: replica ${missing}`)
    await pause(POLL_MS)
  }
}
