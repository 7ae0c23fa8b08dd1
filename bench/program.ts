// A child process from start to end: found on the path, started, waited for until its port listens, stopped.
// It does not measure; proc.ts does.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const START_LIMIT_MS = 15_000
const STOP_LIMIT_MS = 15_000
const POLL_MS = 25

/** Debian keeps servers out of a user's PATH. */
const EXTRA_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

export interface Program {
  readonly pid: number
  readonly child: ChildProcess
  /** Resolves to the exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | string>
  stop(): Promise<void>
}

/** The full path of an executable, or undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface ProgramOptions {
  readonly startLimitMs?: number
  /** Laid over this process's own. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Starts a program that writes to `logFile` and resolves when `port` of 127.0.0.1 accepts a connection. */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
  logFile: string,
  { startLimitMs = START_LIMIT_MS, env = {}, cwd }: ProgramOptions = {},
): Promise<Program> {
  const log = openSync(logFile, 'w')
  const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env }, cwd })
  const exited = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    await exited
    clearTimeout(late)
  }
  const listening = await Promise.race([portOpens(port, startLimitMs), exited.then(() => false)])
  if (!listening) {
    await stop()
    throw new Error(`${command} did not listen on ${port}:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`)
  }
  return { pid: child.pid ?? 0, child, exited, stop }
}

async function portOpens(port: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs
  while (performance.now() < deadline) {
    if (await accepts(port)) return true
    await pause(POLL_MS)
  }
  return false
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
