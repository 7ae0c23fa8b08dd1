// `portcullis run` as a process of its own, with a configuration file that a test may rewrite.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What people run; vitest.config.ts has it made before the tests. */
export const BUNDLE = new URL('../../dist/main.js', import.meta.url).pathname
/** Starts in seconds, for tests that look at which files are loaded. */
export const SOURCES = new URL('../../src/main.ts', import.meta.url).pathname

export interface GatewayProcess {
  readonly child: ChildProcess
  readonly folder: string
  /** Everything on standard error so far: the process log, one JSON object a line. */
  log(): string
  /** Resolves when the log holds this; rejects when the process ended without it. */
  said(part: string): Promise<void>
  /** Writes the file again, without telling the process. */
  rewrite(yaml: string): void
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
  /** Ends it for good. */
  kill(): Promise<void>
}

export interface ProcessOptions {
  readonly yaml: string
  /** What is done with standard output; by default it is thrown away. */
  readonly stdout?: 'ignore' | 'pipe'
  /** What is started in place of the bundle. */
  readonly main?: string
  /** Flags of node, before the program. */
  readonly flags?: readonly string[]
  /** How many files and sockets it may have open. */
  readonly maxOpenFiles?: number
  /** Beside `run -c FILE`. */
  readonly more?: readonly string[]
  /** Made beside the file before the start. */
  readonly folders?: readonly string[]
  /** Laid over this process's own. */
  readonly env?: Readonly<Record<string, string>>
}

export async function startProcess(options: ProcessOptions): Promise<GatewayProcess> {
  const { yaml, main = BUNDLE, stdout = 'ignore', flags = [], maxOpenFiles } = options
  const { more = [], folders = [], env = {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-process-'))
  for (const each of folders) mkdirSync(join(folder, each))
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, yaml)
  const command = [process.execPath, ...flags, main, 'run', '-c', file, ...more] as const
  const limited = ['sh', '-c', `ulimit -n ${maxOpenFiles}; exec "$@"`, 'sh', ...command] as const
  const [program, ...args] = maxOpenFiles === undefined ? command : limited
  const child = spawn(program, args, {
    stdio: ['ignore', stdout, 'pipe'],
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const running: GatewayProcess = {
    child,
    folder,
    log: () => log,
    async said(part) {
      while (!log.includes(part)) {
        const more = once(child.stderr as NodeJS.ReadableStream, 'data')
        await Promise.race([
          more,
          ended.then(() => Promise.reject(new Error(`ended without ${part}: ${log}`))),
        ])
      }
    },
    rewrite: (text) => writeFileSync(file, text),
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await running.said('"event":"listening"')
  return running
}
