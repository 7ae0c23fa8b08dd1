// mcp-remote as a program of the table (../../world/README.md): it is started as a client starts it, and its browser is
// the line that it prints. Arguments: the file of its command, and a job as JSON.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../../support/free-port.ts'
import { openProgram, type Session } from '../../harness/session.ts'
import type { Job } from '../../world/contract.ts'

/** Nobody signs in faster: it listens for the code only after it has opened the browser. */
const PERSON_MS = 1_000

const [command = '', text = ''] = process.argv.slice(2)
const job = JSON.parse(text) as Job
const home = mkdtempSync(join(tmpdir(), 'portcullis-mcp-remote-'))
const input = createInterface({ input: process.stdin })
// What the browser is sent back to, which mcp-remote listens at.
input.on(
  'line',
  (line) =>
    void delay(PERSON_MS)
      .then(() => fetch(line))
      .catch((error) => console.error(String(error))),
)

const session: Session = await openProgram(
  [
    process.execPath,
    ...[command, job.url, String(await freePort()), '--allow-http', '--transport', 'http-only'],
  ],
  {
    env: { MCP_REMOTE_CONFIG_DIR: home, BROWSER: 'true', HOME: home },
    onLine: (line) => {
      if (
        new URL(job.url).origin === line.slice(0, new URL(job.url).origin.length) &&
        line.includes('/authorize?')
      )
        process.stdout.write(`${JSON.stringify({ open: line.trim() })}\n`)
    },
  },
).catch((error: unknown) => {
  print('connect', String(error))
  process.exit(0)
})

const DO: Readonly<Record<string, () => Promise<void>>> = {
  connect: async () => undefined,
  list: async () => void (await session.tools()),
  call: async () => void (await session.call('echo', { text: 'ahoy' })),
  'step-up': async () => void (await session.call('secret', {})),
  refresh: async () => {
    await delay(((job.oauth?.tokenSeconds ?? 0) + 2) * 1_000)
    await session.call('echo', { text: 'renewed' })
  },
}

function print(step: string, why?: string): void {
  process.stdout.write(
    `${JSON.stringify(why === undefined ? { step, ok: true } : { step, ok: false, why })}\n`,
  )
}

for (const step of job.steps) {
  const late = delay(20_000, 'no end after 20 s', { ref: false })
  const failed = DO[step]?.().then(
    () => undefined,
    (error: unknown) => String(error),
  )
  print(step, await Promise.race([failed, late]))
}
process.stdout.write('{"done":true}\n')
await session.close().catch(() => undefined)
process.exit(0)
