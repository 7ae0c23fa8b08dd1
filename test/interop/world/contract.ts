// What a program of the table has to do, whatever its language: the steps, a job as a client reads it, and the lines that
// programs print. README.md beside this file says the same to those who write one.
import { execFileSync } from 'node:child_process'

/** In the order in which they are run and printed. */
export const STEPS = [
  'connect',
  'list',
  'call',
  'progress',
  'cancel',
  'elicitation',
  'sampling',
  'resume',
  'step-up',
  'refresh',
] as const
export type Step = (typeof STEPS)[number]

/** These need OAuth, so there is nothing to compare them with. */
export const OAUTH_STEPS: readonly Step[] = ['step-up', 'refresh']

/** A client's one argument, as JSON. */
export interface Job {
  readonly url: string
  /** Sent as it is. */
  readonly token?: string
  /** The SDK's own OAuth, when there is no token. */
  readonly oauth?: OAuthJob
  readonly steps: readonly Step[]
  /** HTTP+SSE of 2024-11-05, with a `token`; Streamable HTTP if absent. */
  readonly transport?: 'sse'
  /** Instead of steps: mixed use for so long, with pauses of at most so long (20 seconds if absent). */
  readonly soak?: { readonly seconds: number; readonly idleSeconds?: number }
}

export interface OAuthJob {
  readonly clientName: string
  readonly scope: string
  /** How long access tokens live: `refresh` waits so long and two seconds more. */
  readonly tokenSeconds: number
}

/** One line of a client's output. */
export type ClientLine =
  | { readonly step: Step; readonly ok: boolean; readonly why?: string }
  | { readonly round: number; readonly ok: boolean; readonly why?: string; readonly lost?: boolean }
  | { readonly open: string }
  | { readonly done: true }

/** The command and its arguments, or why there is none and which version is needed. */
export type Built = readonly [command: string, ...args: string[]] | string

interface Program {
  /** Unique among clients, and among servers: what the table calls it. */
  readonly name: string
  readonly language: string
  /** The package and its exact version. */
  readonly sdk: string
  readonly build: () => Promise<Built>
  readonly env?: Readonly<Record<string, string>>
  /** Steps that this SDK itself cannot do, each with the reason: they are not run. */
  readonly cannot?: Readonly<Partial<Record<Step, string>>>
}

/** Takes a job as its one argument. */
export interface ClientProgram extends Program {
  /** Servers, by name, that it cannot open at all, each with the reason: such a pair is left out. */
  readonly cannotAt?: Readonly<Record<string, string>>
  /** Whether it has a soak mode. */
  readonly soaks?: boolean
  /**
   * It cancels a request by ending its connection, without a word. Before 2026-07-28 that is no cancellation (LEG-10), and the
   * gateway goes on reading, so nobody asks whether the server heard.
   */
  readonly cancelsByLeaving?: boolean
}

/** Takes a port as its one argument, and prints `ready`. */
export interface ServerProgram extends Program {
  /** Path of its endpoint, `/mcp` if absent. */
  readonly endpoint?: string
}

/** What every server prints when the request of `wait` was cancelled. */
export const CANCELLED = 'cancelled'

/** The reason why a command is not here, or undefined. */
export function missingCommand(command: string, args: readonly string[], needs: string): string | undefined {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 20_000 })
    return undefined
  } catch {
    return `${command} is not here; ${needs} is needed`
  }
}
