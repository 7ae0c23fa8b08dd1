// One line for every decision, allowed and refused. Identity is issuer, subject and client; never a token, a
// claim value or an argument. Lines are whole JSON objects, so nothing a client sends can start a new one (K05).
import { openSync, writeSync } from 'node:fs'
import pino from 'pino'
import { visibleJson } from '../core/visible.ts'
import { createAuditLine, MAX_NAME_CHARACTERS, type Outcome } from './audit-line.ts'
import type { Facts } from './facts.ts'
import { createTimestamps } from './timestamps.ts'

export interface Audit {
  /** False when the record could not be written and must be (`audit.required`). Called before a call goes on. */
  admit(facts: Facts): boolean
  /** Called when the exchange has ended. */
  record(facts: Facts): void
  /** Something that happened outside any call: a sign-in, a consent, a revocation. */
  event(event: AuditEvent): void
  /** Resolves when all lines are written, or cannot be. Nothing is recorded after it. */
  close(): Promise<void>
  readonly failures: number
}

/** Named values that are safe to keep: names of people and clients, never a token or a secret. */
export interface AuditEvent {
  readonly event: string
  /** Who did it. */
  readonly actor: string
  readonly subject?: string
  readonly client?: string
  readonly grant?: string
  readonly address?: string
  /** The path that was asked, where something was refused. */
  readonly endpoint?: string
  /** Why it was refused: a word of a list. */
  readonly reason?: string
  readonly detail?: string
  /** Of the request that it happened in. */
  readonly requestId?: string
  /** Epoch milliseconds, when it was not just now. */
  readonly at?: number
}

export interface AuditOptions {
  /** `stdout`, or the path of a file that is appended to. */
  readonly file: string
  readonly required: boolean
  /** Counts reloads; for events that are not of a call, which carries its own. */
  readonly generation: () => number
}

const BUFFER_BYTES = 32_768
/** How long a line may wait to be written. */
const FLUSH_MS = 1_000
/** F17: what may wait for a slow disk; past it lines are dropped and counted. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024
const CLOSE_MS = 2_000

export function createAudit(options: AuditOptions): Audit {
  const fd = options.file === 'stdout' ? 1 : openSync(options.file, 'a', 0o600)
  const sink = options.required ? synchronousSink(fd) : bufferedSink(fd)
  const timestamp = createTimestamps()
  const lineOf = createAuditLine()
  const write = (event: string, facts: Facts, outcome: Outcome | undefined) =>
    sink.write(`${lineOf(event, timestamp(), facts, outcome)}\n`)
  return {
    admit(facts) {
      if (!options.required) return true
      const before = sink.failures
      write('admitted', facts, undefined)
      return sink.failures === before
    },
    record(facts) {
      const { status, rpc, ending, startedMs } = facts
      const duration = Math.round((performance.now() - startedMs) * 10) / 10
      write('decision', facts, { status, rpc: rpc === 'none' ? undefined : rpc, ending, duration })
    },
    event: (event) => sink.write(`${visibleJson(JSON.stringify(eventLine(event, options.generation())))}\n`),
    close: () => sink.close(),
    get failures() {
      return sink.failures
    },
  }
}

function eventLine(told: AuditEvent, generation: number): object {
  const { event, actor, subject, client, grant, address, endpoint, reason, detail, requestId, at } = told
  const named = { actor, subject, client, endpoint, reason, detail }
  const short = Object.entries(named).map(([name, value]) => [name, value?.slice(0, MAX_NAME_CHARACTERS)])
  const time = (at === undefined ? new Date() : new Date(at)).toISOString()
  const request = { request_id: requestId, generation }
  return { time, stream: 'audit', event, ...request, ...Object.fromEntries(short), grant, address }
}

interface Sink {
  write(line: string): void
  close(): Promise<void>
  failures: number
}

/**
 * Each line is on its way to the disk before the call goes on. A disk may take a part of one before it is full (F06):
 * that is no record, and the next line does not go on from it.
 */
function synchronousSink(fd: number): Sink {
  let isTorn = false
  const sink: Sink = {
    failures: 0,
    write(line) {
      const bytes = Buffer.from(isTorn ? `\n${line}` : line)
      let written = 0
      try {
        while (written < bytes.length) written += writeSync(fd, bytes, written)
      } catch {
        sink.failures += 1
      }
      if (written > 0) isTorn = bytes[written - 1] !== NEWLINE
    },
    close: () => Promise.resolve(),
  }
  return sink
}

const NEWLINE = 0x0a

/**
 * Lines are gathered and written in the background; a broken pipe or a full disk is counted, not thrown (F06). They
 * are gathered here, because SonicBoom makes one text of all that waits for each line that is added.
 */
function bufferedSink(fd: number): Sink {
  const destination = pino.destination({ dest: fd, sync: false, maxLength: MAX_WAITING_BYTES })
  const lines: string[] = []
  let characters = 0
  let closed = false
  const flush = () => {
    if (lines.length > 0) destination.write(lines.join(''))
    lines.length = 0
    characters = 0
  }
  const timer = setInterval(flush, FLUSH_MS).unref()
  const sink: Sink = {
    failures: 0,
    write(line) {
      if (closed) {
        sink.failures += 1
        return
      }
      lines.push(line)
      characters += line.length
      if (characters >= BUFFER_BYTES) flush()
    },
    close() {
      if (closed) return Promise.resolve()
      closed = true
      clearInterval(timer)
      flush()
      return endOf(destination)
    },
  }
  const lost = (text: string) => {
    sink.failures += text.split('\n').length - 1
  }
  destination.on('drop', lost).on('error', () => {
    sink.failures += 1
  })
  return sink
}

/** F06, F17: a disk that is full or does not answer must not keep the process from ending. */
function endOf(destination: ReturnType<typeof pino.destination>): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, CLOSE_MS)
    const done = () => {
      clearTimeout(patience)
      resolve()
    }
    destination.once('close', done).once('error', done)
    destination.end()
  })
}
