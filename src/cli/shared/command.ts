// What every command is: a function of its arguments and of an outside world that is handed in, so that a test
// runs a command without a process. Only main.ts touches the real process.
import type { LogTerminal } from '../../observe/log.ts'

export interface Output {
  write(text: string): unknown
}

/** A person who can be asked. */
export interface Terminal {
  /** An empty answer is a refusal to answer. */
  ask(question: string): Promise<string>
  /** What is typed is not shown. */
  askHidden(question: string): Promise<string>
}

/** A terminal as a place for lines that nobody waits for. */
export interface Screen {
  readonly colour: boolean
  /** 0 where the terminal does not say. */
  columns(): number
  /** Adds a line end. SECURITY: the line is written as it is. */
  write(line: string): void
  close(): void
}

export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array | string>
  /** There when standard error is a terminal. */
  readonly stderrTerminal?: LogTerminal | undefined
  /** Undefined when nobody sits at it. */
  readonly terminal: Terminal | undefined
  /** The login name of who runs the command, for the audit. */
  readonly operator: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths start here. */
  readonly cwd: string
  /** True when standard output is a terminal that wants colours. */
  readonly colour: boolean
  /** Undefined, or its result, where standard output is no terminal. */
  readonly openScreen?: () => Screen | undefined
  /** The Node binary, for the server that `demo` starts as a child. */
  readonly execPath: string
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal
  /** Calls the listener at every SIGHUP; the result forgets it. */
  readonly onReload: (listener: () => void) => () => void
  /** Calls the listener when the process ends, however it comes to it; only then, and it can wait for nothing. */
  readonly onExit?: (listener: () => void) => void
}

export type Command = (args: readonly string[], io: Io) => Promise<number>

/** What the file of each command exports; cli.ts is the table of them. */
export interface CommandModule {
  /** One line, for the list of commands. */
  readonly summary: string
  readonly help: string
  readonly run: Command
}

/** Exit codes (docs/decisions.md, 21). */
export const EXIT = { fine: 0, finding: 1, wrongUse: 2, brokenFile: 78 } as const

/** Prints what was wrong and where help is; returns the exit code for wrong use. */
export function wrongUse(io: Io, command: string, message: string): number {
  io.stderr.write(`portcullis ${command}: ${message}\nsee: portcullis help ${command}\n`)
  return EXIT.wrongUse
}

/** Resolves when the process is asked to end. */
export function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
