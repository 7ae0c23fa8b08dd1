// Starts a server or a client of the table, and reads what it prints, line by line.
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'
import { CANCELLED, type ClientLine, type Job, type ServerProgram, type Step } from './contract.ts'
import { type Command, endGroup, startGroup } from './groups.ts'

const START_LIMIT_MS = 60_000
const CLIENT_LIMIT_MS = 150_000
const SIGN_IN_ATTEMPTS = 3
const RETRY_MS = 500
const MAX_KEPT_CHARS = 4_000

export interface StartedServer {
  readonly url: string
  /** How often it said that a request was cancelled. */
  cancelled(): number
  stop(): void
}

export async function startServerProgram(
  { name, endpoint = '/mcp', env }: ServerProgram,
  [command, ...args]: Command,
): Promise<StartedServer> {
  const port = await freePort()
  const child = startGroup([command, ...args, String(port)], env)
  const errors = keepErrors(child)
  let cancelled = 0
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.trim() === 'ready') resolve()
      if (line.trim() === CANCELLED) cancelled++
    })
  })
  const late = delay(START_LIMIT_MS, 'is not ready', { ref: false })
  const ended = once(child, 'exit').then(() => 'ended')
  const problem = await Promise.race([ready, ended, late])
  if (problem !== undefined) {
    endGroup(child)
    throw new Error(`the server ${name} ${problem}\n${errors()}`)
  }
  return {
    url: `http://127.0.0.1:${port}${endpoint}`,
    cancelled: () => cancelled,
    stop: () => endGroup(child),
  }
}

/** What a client said of a step. */
export interface Outcome {
  readonly ok: boolean
  readonly why?: string
}

export type Outcomes = ReadonlyMap<Step, Outcome>

export interface RunOptions {
  readonly command: Command
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly job: Job
  /** Goes where the client wants a browser; the result is where the browser was sent back to. */
  readonly browse?: (url: URL) => Promise<URL>
  readonly onLine?: (line: ClientLine) => void
  readonly limitMs?: number
}

/** Runs a client to its end. A step that it never spoke of has failed, and says how the program ended. */
export async function runClient(options: RunOptions): Promise<Outcomes> {
  const { command, env, job, browse, onLine, limitMs = CLIENT_LIMIT_MS } = options
  const [program, ...args] = command
  const child = startGroup([program, ...args, JSON.stringify(job)], env)
  const errors = keepErrors(child)
  const outcomes = new Map<Step, Outcome>()
  let refusal = ''
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parsed(text)
    if (line === undefined) return
    onLine?.(line)
    if ('step' in line)
      outcomes.set(line.step, { ok: line.ok, ...(line.why !== undefined && { why: line.why }) })
    if (!('open' in line)) return
    void answerOpen(new URL(line.open), browse).then(({ url, why }) => {
      refusal = why
      child.stdin.write(`${url.href}\n`)
    })
  })
  child.stdin.on('error', () => undefined)
  const timer = setTimeout(() => endGroup(child), limitMs)
  await once(child, 'close')
  clearTimeout(timer)
  endGroup(child)
  const end = [refusal, `the client ended (${child.exitCode ?? child.signalCode})`, errors()].join(' ').trim()
  return new Map(job.steps.map((step) => [step, outcomes.get(step) ?? { ok: false, why: end }]))
}

interface Answered {
  readonly url: URL
  /** Of the last failure; empty when there was none. */
  readonly why: string
}

/**
 * Every sign-in is answered, since a client waits for it: one that fails on a machine with much to do is tried again, and at
 * last the client hears of an error at its own address (RFC 6749 §4.1.2.1).
 */
async function answerOpen(asked: URL, browse: RunOptions['browse']): Promise<Answered> {
  let why = 'there is no browser here'
  for (let attempt = 1; browse !== undefined && attempt <= SIGN_IN_ATTEMPTS; attempt++) {
    try {
      return { url: await browse(asked), why: '' }
    } catch (error) {
      why = `sign-in at ${asked.origin}${asked.pathname}, attempt ${attempt} of ${SIGN_IN_ATTEMPTS}: ${String(error)}`
      console.error(why)
      await delay(RETRY_MS * attempt)
    }
  }
  const url = new URL(asked.searchParams.get('redirect_uri') ?? 'http://127.0.0.1/callback')
  url.searchParams.set('error', 'temporarily_unavailable')
  url.searchParams.set('state', asked.searchParams.get('state') ?? '')
  return { url, why }
}

function parsed(text: string): ClientLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as ClientLine
  } catch {
    return undefined
  }
}

/** The newest part of what a program wrote to its standard error. */
function keepErrors({ stderr }: ChildProcessWithoutNullStreams): () => string {
  let kept = ''
  stderr.on('data', (chunk: Buffer) => {
    kept = (kept + chunk.toString()).slice(-MAX_KEPT_CHARS)
  })
  return () => kept
}
