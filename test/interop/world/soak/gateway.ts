// The built gateway as a process of its own, with one session key, which is reloaded and restarted while clients work.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, openSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoPerson } from '../../../../src/cli/demo/person.ts'
import { freePort } from '../../../support/free-port.ts'
import { ada, addPerson, worldConfig } from '../gateway.ts'

const MAIN = join(import.meta.dirname, '../../../../dist/main.js')
const START_LIMIT_MS = 30_000
/** The least that a file may say, so that an hour holds many refreshes. */
const ACCESS_TOKEN_SECONDS = 300

export interface SoakGateway {
  url(server: string): string
  readonly accessTokenSeconds: number
  person(): DemoPerson
  /** By the signal one time, by a changed file the next. */
  reload(): Promise<void>
  /** As an operator does: asked to end, waited for, started again. Resolves when it answers. */
  restart(): Promise<void>
  /** How many answers had each status, as the audit has them. */
  statuses(): Promise<ReadonlyMap<number, number>>
  close(): Promise<void>
}

export async function startSoakGateway(upstreams: Readonly<Record<string, string>>): Promise<SoakGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-soak-'))
  const origin = `http://127.0.0.1:${await freePort()}`
  const file = join(folder, 'gateway.yaml')
  const data = join(folder, 'as.sqlite')
  const audit = join(folder, 'audit.jsonl')
  const top = [`audit: { file: ${audit} }`, 'session_key: ${SESSION_KEY}', 'drain: 2s'].join('\n')
  const server = `  access_token_ttl: ${ACCESS_TOKEN_SECONDS}s`
  const write = (reloads: number) =>
    writeFile(file, `# reloaded ${reloads} times${worldConfig({ origin, upstreams, data, top, server })}`)
  const env = { ...process.env, SESSION_KEY: randomBytes(32).toString('base64') }
  const output = openSync(join(folder, 'output'), 'a')
  const start = async () => {
    const started = spawn(process.execPath, [MAIN, 'run', '-c', file], {
      cwd: folder,
      env,
      stdio: ['ignore', output, output],
    })
    await answering(origin, started)
    return started
  }
  await write(0)
  let child = await start()
  await addPerson(data)
  let reloads = 0
  return {
    url: (name) => `${origin}/${name}/mcp`,
    accessTokenSeconds: ACCESS_TOKEN_SECONDS,
    person: ada,
    async reload() {
      reloads++
      if (reloads % 2 === 0) await write(reloads)
      else child.kill('SIGHUP')
    },
    async restart() {
      await end(child)
      child = await start()
    },
    statuses: () => statusesIn(audit),
    async close() {
      await end(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function answering(origin: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(origin).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer !== undefined) return
    await delay(50)
  }
  throw new Error(`the gateway does not answer (exit ${child.exitCode})`)
}

async function statusesIn(audit: string): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>()
  for await (const line of createInterface({ input: createReadStream(audit) })) {
    const status = Number(/"status":(\d+)/.exec(line)?.[1])
    if (line.includes('"event":"decision"') && status > 0) counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  return counts
}
