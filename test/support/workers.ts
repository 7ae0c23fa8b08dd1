// `portcullis run` with several workers over real sockets: an issuer, an upstream whose answers a test may hold, and what
// can be seen of each process.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Readiness } from '../../src/core/readiness.ts'
import { freePort } from './free-port.ts'
import { gatewayYaml, type YamlParts } from './gateway.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { callOf, type Sendable } from './messages.ts'
import { type GatewayProcess, startProcess } from './process.ts'
import { type OpenStream, type Started, startRequest } from './stream.ts'
import { startUpstream, type TestUpstream } from './upstream.ts'

export interface TestWorkers {
  readonly origin: string
  readonly admin: string
  readonly issuer: TestIssuer
  readonly upstream: TestUpstream
  readonly process: GatewayProcess
  /** A bearer token for the route; claims are laid over the usual ones. */
  token(claims?: object): string
  /** A call on a connection of its own; the workers get connections by turns. */
  call(sent?: Sendable, headers?: Readonly<Record<string, string>>): Started
  /** The same, when its head is there. */
  answer(sent?: Sendable, headers?: Readonly<Record<string, string>>): Promise<OpenStream>
  readiness(): Promise<Readiness>
  /** By the places of the workers. */
  pids(): Promise<readonly number[]>
  /** Resolves when it is so. */
  until(isSo: (readiness: Readiness) => boolean): Promise<Readiness>
  metrics(): Promise<string>
  audit(): readonly Record<string, unknown>[]
  yaml(more?: Partial<YamlParts>): string
  close(): Promise<void>
}

export interface TestWorkersOptions extends Partial<YamlParts> {
  readonly workers?: number
  /** More keys of `admin`. */
  readonly adminKeys?: string
  readonly stdout?: 'ignore' | 'pipe'
}

export async function startTestWorkers(options: TestWorkersOptions = {}): Promise<TestWorkers> {
  const { workers = 2, adminKeys = '', stdout = 'ignore', ...parts } = options
  const issuer = await startIssuer()
  const upstream = await startUpstream()
  const origin = `http://127.0.0.1:${await freePort()}`
  const admin = `http://127.0.0.1:${await freePort()}`
  const yaml = (more: Partial<YamlParts> = {}) =>
    gatewayYaml({
      ...{ origin, issuerUrl: issuer.url, upstreamUrl: upstream.url, auditFile: 'audit.jsonl' },
      admin: `{ listen: ${new URL(admin).host}, ${adminKeys} }`,
      ...parts,
      ...more,
      top: `workers: ${workers}\n${more.top ?? parts.top ?? ''}`,
    })
  const process = await startProcess({ yaml: yaml(), stdout })
  const token = (claims: object = {}) => {
    const now = Math.floor(Date.now() / 1_000)
    const usual = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: 'user-1', client_id: 'c', scope: 'a' }
    return issuer.sign({ ...usual, iat: now, exp: now + 600, ...claims })
  }
  const call = (sent = callOf('legacy'), headers: Readonly<Record<string, string>> = {}) =>
    startRequest(`${origin}/mcp/a`, {
      method: 'POST',
      body: sent.body,
      headers: { ...sent.headers, authorization: `Bearer ${token()}`, ...headers },
    })
  const readiness = async () => (await (await fetch(`${admin}/readyz`)).json()) as Readiness
  return {
    ...{ origin, admin, issuer, upstream, process, token, call, readiness, yaml },
    answer: (sent, headers) => call(sent, headers).head,
    pids: async () => (await readiness()).workers?.map(({ pid = 0 }) => pid) ?? [],
    async until(isSo) {
      for (;;) {
        const now = await readiness()
        if (isSo(now)) return now
        await delay(50)
      }
    },
    metrics: async () => (await fetch(`${admin}/metrics`)).text(),
    audit: () =>
      readFileSync(join(process.folder, 'audit.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    yaml,
    async close() {
      await process.kill()
      await upstream.close()
      await issuer.close()
    },
  }
}

export function serves(place: number, deaths: number) {
  return ({ workers = [] }: Readiness) =>
    workers[place]?.state === 'serving' && workers[place].deaths === deaths
}

/** Whether a process of this number is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Resolves when none of them is. */
export async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await delay(20)
}
