// Child processes on loopback: started with our own Node, waited for until their port answers, ended for good.
// Knows nothing of what it starts.
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 5_000
const POLL_MS = 50
/** What is kept of a child's output, for the message when something goes wrong. */
const MAX_OUTPUT_CHARS = 20_000

export interface Running {
  /** Everything printed so far, both streams, the newest part. */
  output(): string
  stop(): Promise<void>
}

export interface StartOptions {
  /** Arguments of Node: the program's file first. */
  readonly args: readonly string[]
  /** Ready when this port accepts a connection. */
  readonly port: number
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a program and waits until its port answers; throws with its output when it does not. */
export async function startChild({ args, port, cwd, env }: StartOptions): Promise<Running> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
    // A group of its own: some servers start others, and all of them must end.
    detached: true,
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const running: Running = { output: () => output, stop: () => stop(child) }
  const deadline = Date.now() + START_LIMIT_MS
  while (!(await answers(port))) {
    if (hasEnded(child) || Date.now() > deadline) {
      await running.stop()
      throw new Error(`${args[0]} did not start on port ${port}\n${output}`)
    }
    await delay(POLL_MS)
  }
  return running
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = hasEnded(child) ? undefined : new Promise((resolve) => child.once('exit', resolve))
  signalGroup(child, 'SIGTERM')
  await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { ref: false })])
  signalGroup(child, 'SIGKILL')
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has ended already.
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
