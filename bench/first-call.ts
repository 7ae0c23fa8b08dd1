// How long a program takes from its start to its first good answer, asked again and again from the moment it starts.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Caller } from './caller.ts'

const ROOT = join(import.meta.dirname, '..')
export const NODE = join(ROOT, 'node_modules', '.bin', 'node')
/** The command, as it is installed. */
export const GATEWAY = ['--max-semi-space-size=4', join(ROOT, 'bin', 'portcullis.mjs'), 'run', '-c'] as const
const LIMIT_MS = 120_000
const POLL_MS = 1

export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly ms: number
  stop(): Promise<void>
}

export async function startUntilAnswer(
  args: readonly string[],
  caller: Caller,
  tool: string,
  token: string,
): Promise<Started> {
  const begun = performance.now()
  const child = spawn(NODE, args, { stdio: 'ignore' })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  try {
    await untilAllowed(caller, tool, token)
  } catch (error) {
    await stop()
    throw error
  }
  return { child, pid: child.pid ?? 0, ms: performance.now() - begun, stop }
}

/** Resolves when a call of the tool is answered with 200. */
export async function untilAllowed(caller: Caller, tool: string, token: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS
  let last: number | string = ''
  while (performance.now() < deadline) {
    last = await caller.callTool(tool, token)
    if (last === 200) return
    await pause(POLL_MS)
  }
  throw new Error(`no answer with 200 in ${LIMIT_MS} ms; the last was ${last}`)
}
