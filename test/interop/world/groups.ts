// Programs in process groups of their own, since each may start others. A guard ends them when this process is gone.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'

export type Command = readonly [command: string, ...args: string[]]

export function startGroup(
  [command, ...args]: Command,
  env: Readonly<Record<string, string>> | undefined,
): ChildProcessWithoutNullStreams {
  const child = spawn(command, args, { env: { ...process.env, ...env }, detached: true })
  tellGuard('+', child)
  return child
}

export function endGroup(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
  tellGuard('-', child)
}

let guard: ChildProcess | undefined

function tellGuard(sign: '+' | '-', { pid }: ChildProcess): void {
  if (pid === undefined) return
  guard ??= startGuard()
  guard.stdin?.write(`${sign}${pid}\n`)
}

/** It must not end with the signal that ends this process, so it has a group of its own too. */
function startGuard(): ChildProcess {
  const command = join(import.meta.dirname, 'guard.ts')
  const started = spawn(process.execPath, [command], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  started.unref()
  started.stdin.on('error', () => undefined)
  return started
}
