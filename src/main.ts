#!/usr/bin/env node
// The process: arguments, streams, signals, exit code. Nothing else reads process.*
import { setFlagsFromString } from 'node:v8'
import { cli } from './cli.ts'

// Young objects of a request die in a small nursery: measured, a larger one costs memory and saves little CPU.
setFlagsFromString('--max-semi-space-size=8')

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1) // asked a second time
    stop.abort()
  })
}

process.exitCode = await cli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  execPath: process.execPath,
  stop: stop.signal,
  onReload(listener) {
    process.on('SIGHUP', listener)
    return () => process.off('SIGHUP', listener)
  },
})
