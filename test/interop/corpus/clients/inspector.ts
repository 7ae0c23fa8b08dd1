// The Inspector's command line as a program of the table (../../world/README.md): each step is a run of it with the same
// store of sign-ins. Argument: a job as JSON.
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../../support/free-port.ts'
import { programOf } from '../../harness/packages.ts'
import type { Job } from '../../world/contract.ts'

const job = JSON.parse(process.argv[2] ?? '') as Job
const home = mkdtempSync(join(tmpdir(), 'portcullis-inspector-'))
const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`
const input = createInterface({ input: process.stdin })
input.on('line', (line) => void fetch(line).catch(() => undefined))

const ECHO = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'text=ahoy']
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  connect: ['--method', 'tools/list'],
  list: ['--method', 'tools/list'],
  call: ECHO,
  'step-up': ['--method', 'tools/call', '--tool-name', 'secret'],
  refresh: ECHO,
}

function run(options: readonly string[]): Promise<string | undefined> {
  const program = programOf('@modelcontextprotocol/inspector', 'mcp-inspector')
  const args = [program, '--cli', job.url, '--transport', 'http', '--callback-url', callback, ...options]
  const child = spawn(process.execPath, args, {
    env: {
      ...process.env,
      HOME: home,
      BROWSER: 'true',
      MCP_AUTO_OPEN_ENABLED: 'true',
      MCP_INSPECTOR_SECRET_STORE: 'file',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      said = `${said}${line}\n`.slice(-2_000)
      const url = /https?:\/\/\S+\/authorize\?\S+/.exec(line)?.[0]
      if (url !== undefined) process.stdout.write(`${JSON.stringify({ open: url })}\n`)
    })
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve(code === 0 ? undefined : said.trim())
    })
  })
}

for (const step of job.steps) {
  if (step === 'refresh') await delay(((job.oauth?.tokenSeconds ?? 0) + 2) * 1_000)
  const why = await run(ARGUMENTS[step] ?? [])
  process.stdout.write(
    `${JSON.stringify(why === undefined ? { step, ok: true } : { step, ok: false, why })}\n`,
  )
}
process.stdout.write('{"done":true}\n')
process.exit(0)
