// One process of a program and its three streams, in a process group of its own. Lines in, lines out; what it prints on
// standard error goes to the log. Knows no message.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { kill } from 'node:process'
import type { Readable, Writable } from 'node:stream'
import type { ProgramSettings } from '../../core/settings-program.ts'
import { errorCode } from '../failure.ts'
import type { ProgramEnvironment } from './environment.ts'
import { type LineListener, LineReader } from './line-reader.ts'
import { type LoggedLines, MAX_LOGGED_LINE_BYTES } from './logged-lines.ts'
import { ProgramInput } from './program-input.ts'
import type { Watcher } from './watcher.ts'

/** Of a message that a program writes. */
const MAX_LINE_BYTES = 16 * 1024 * 1024
/** From the end of its standard input to SIGTERM. */
const END_OF_INPUT_MS = 1_000
/** From there to SIGKILL. */
const GRACE_MS = 2_000
/** How long what it wrote is still read after its end: something it started may hold the other end of the pipe. */
const LAST_WORDS_MS = 300
/** How often a group is looked at until nobody is left in it. */
const LEFT_MS = 50

export interface ProcessParts {
  readonly settings: ProgramSettings
  readonly environment: ProgramEnvironment
  readonly watcher: Watcher
  /** The part of its input that one caller may fill. */
  readonly sharePerCaller: number
  readonly listener: LineListener
  /** Where it goes what it prints on standard error. */
  readonly stderr: LoggedLines
  /** It is no more: `code 1`, `SIGSEGV`, or why it could not be started. Called once, after its last line. */
  readonly onGone: (how: string) => void
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

export class ProgramProcess {
  readonly #child: Child
  readonly #parts: ProcessParts
  readonly #stdout: LineReader
  readonly #left = Promise.withResolvers<void>()
  readonly input: ProgramInput
  #how: string | undefined
  #isGone = false
  #isEnding = false

  constructor(parts: ProcessParts) {
    const { settings, environment, watcher, sharePerCaller, listener, stderr: complaints } = parts
    const [program, ...args] = settings.command
    const { runAs, cwd } = settings
    this.#parts = parts
    this.#child = spawn(program, args, {
      ...{ cwd, env: environment.variables, stdio: 'pipe', shell: false, windowsHide: true },
      detached: true, // a session and a group of its own
      ...(runAs && { uid: runAs.uid, gid: runAs.gid }),
    })
    const { pid, stdin, stdout, stderr } = this.#child
    if (pid !== undefined) watcher.watch(pid)
    this.input = new ProgramInput(stdin, sharePerCaller)
    this.#stdout = new LineReader(MAX_LINE_BYTES, listener)
    const stderrReader = new LineReader(MAX_LOGGED_LINE_BYTES, {
      line: (bytes) => complaints.add(bytes),
      tooLong: (start) => complaints.addCut(start),
    })
    stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk))
    stderr.on('data', (chunk: Buffer) => stderrReader.push(chunk))
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {}) // its end says it
    this.#child.once('error', (error) => this.#gone(errorCode(error)))
    this.#child.once('exit', (code, signal) => {
      this.#how = signal ?? `code ${code}`
      setTimeout(() => this.#gone(this.#how as string), LAST_WORDS_MS)
      this.#endGroup()
    })
    this.#child.once('close', () => this.#gone(this.#how ?? 'closed'))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Closes its standard input; if it stays, SIGTERM, then SIGKILL to its group. Resolves when nobody is left in that. */
  end(): Promise<void> {
    if (!this.#isEnding && !this.#isGone) {
      this.input.close()
      setTimeout(() => this.#how === undefined && this.#endGroup(), END_OF_INPUT_MS)
    }
    this.#isEnding = true
    return this.#left.promise
  }

  /** Without waiting for it to end by itself. */
  endNow(): Promise<void> {
    this.#isEnding = true
    this.input.close()
    this.#endGroup()
    return this.#left.promise
  }

  #gone(how: string): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#stdout.end()
    this.input.close()
    this.#child.stdin.destroy()
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
    if (this.pid === undefined) this.#left.resolve()
    this.#parts.onGone(how)
  }

  /** Those whom it started stay in its group when it is gone. */
  #endGroup(): void {
    if (!this.#signal('SIGTERM')) {
      this.#forget()
      return
    }
    const began = performance.now()
    let isKilled = false
    const looking = setInterval(() => {
      const waited = performance.now() - began
      const isLeft = this.#signal(0)
      if (isLeft && waited >= GRACE_MS && !isKilled) isKilled = this.#signal('SIGKILL')
      // after that only what nobody has waited for is left
      if (isLeft && waited < GRACE_MS + LAST_WORDS_MS) return
      clearInterval(looking)
      this.#forget()
    }, LEFT_MS)
  }

  /** False when nobody is in the group. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.pid === undefined) return false
    try {
      kill(-this.pid, signal)
      return true
    } catch {
      return false
    }
  }

  #forget(): void {
    if (this.pid !== undefined) this.#parts.watcher.forget(this.pid)
    this.#left.resolve()
  }
}
