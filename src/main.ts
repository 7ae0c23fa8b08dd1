#!/usr/bin/env -S node --max-semi-space-size=4
// The process: arguments, streams, signals, exit code. Nothing else reads process.* bin/portcullis.mjs starts it, with
// the same first line; it has one too since what npx linked in a clone before that file was there leads here.
import { userInfo } from 'node:os'
import { cli } from './cli/cli.ts'
import { openScreen } from './cli/shared/screen.ts'
import { openTerminal } from './cli/shared/terminal.ts'
import { WORKER_ARGUMENT } from './workers/orders.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1) // asked a second time
    stop.abort()
  })
}

// Node 22 and 24 warn at every start that node:sqlite may change; what is used of it is tested with each of them.
const warn = process.emitWarning.bind(process) as (...said: unknown[]) => void
process.emitWarning = (...said: unknown[]) => {
  if (!String(said[0]).startsWith('SQLite is an experimental feature')) warn(...said)
}

// npx hands a signal on to nobody (npm 11.19): what it runs ends when npx has, and then has another parent.
if (process.env['npm_command'] === 'exec') {
  const npx = process.ppid
  setInterval(() => {
    if (process.ppid !== npx) stop.abort()
  }, 500).unref()
}

// Who reads the output may have enough: `explain | head -1`. Then a command ends as it would have, and a server drains.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
    stop.abort()
  })
}

const args = process.argv.slice(2)
if (args[0] === WORKER_ARGUMENT && process.connected) await work()

/** The signals of a worker are its primary's: a terminal, or a service manager, sends them to all processes. */
async function work(): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.removeAllListeners(signal).on(signal, () => {})
  const { runWorker } = await import('./workers/worker.ts')
  await runWorker()
  process.exit(0)
}

const wantsColour = process.env['NO_COLOR'] === undefined
const colour = process.stdout.isTTY && wantsColour
process.exitCode = await cli(args, {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  stderrTerminal: process.stderr.isTTY ? { colour: wantsColour } : undefined,
  terminal:
    process.stdin.isTTY && process.stderr.isTTY
      ? openTerminal(process.stdin, process.stderr, stop)
      : undefined,
  operator: loginName(),
  env: process.env,
  cwd: process.cwd(),
  colour,
  openScreen: () => (process.stdout.isTTY ? openScreen(process.stdout, colour) : undefined),
  execPath: process.execPath,
  stop: stop.signal,
  onReload(listener) {
    process.on('SIGHUP', listener)
    return () => process.off('SIGHUP', listener)
  },
  onExit: (listener) => void process.on('exit', listener),
})

/** A container may run as somebody whom its system has no name for. */
function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.()}`
  }
}
