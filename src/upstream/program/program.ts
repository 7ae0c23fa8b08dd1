// A running program as an MCP server: requests go to it under numbers of the gateway, and what it writes goes to the call
// that it belongs to, or to the audience of the program. When it is gone its calls end.
import type { LineMessage, LineMessages } from '../../core/line-message.ts'
import type { DroppedMessage, ProgramEvents, ProgramFields } from '../../core/program-events.ts'
import type { Refusal } from '../../core/refusal.ts'
import type { ProgramSettings } from '../../core/settings-program.ts'
import { createShares, type Shares, shareOf } from '../../core/shares.ts'
import { parseJson } from '../../lib/json.ts'
import type { ProgramEnvironment } from './environment.ts'
import { LoggedLines } from './logged-lines.ts'
import { type PendingCall, PendingCalls } from './pending-calls.ts'
import { ProgramProcess } from './program-process.ts'
import type { Watcher } from './watcher.ts'

/** Who hears what a program says that belongs to no call. */
export interface Audience {
  notification(message: LineMessage, program: Program): void
  /** A request of the program. Somebody has to answer it. */
  request(message: LineMessage, program: Program): void
}

export interface ProgramParts {
  readonly route: string
  readonly settings: ProgramSettings
  readonly environment: ProgramEnvironment
  readonly watcher: Watcher
  /** The part of anything of it that one caller may hold; 1 where only one uses it. */
  readonly sharePerCaller: number
  readonly lines: LineMessages
  readonly events: ProgramEvents
  readonly audience: Audience
  /** Whether it serves requests without a session: then it has no requests of its own. */
  readonly isModern: boolean
  /** It wrote its first message. */
  readonly onBegun: () => void
  /** `died`: by itself. `hasBegun`: whether it wrote a message before. */
  readonly onGone: (how: string, died: boolean, hasBegun: boolean) => void
}

/** Calls of clients that it has not answered, also of those who have left. */
const MAX_PENDING_CALLS = 4_096
/** A line that is no message is read for an id up to this size. */
const MAX_GUESSED_BYTES = 1024 * 1024

export class Program {
  readonly #parts: ProgramParts
  readonly #spawned: ProgramProcess
  readonly #pending = new PendingCalls()
  /** For calls of clients, until they are over. */
  readonly places: Shares
  readonly #starting: NodeJS.Timeout
  readonly #strayLines: LoggedLines
  #hasBegun = false
  #isEnding = false
  #isGone = false
  #usedMs = performance.now()
  /** Streams that listen to it. */
  listeners = 0
  /** Whether it has answered a request with more than an error. */
  hasAnswered = false

  constructor(parts: ProgramParts) {
    this.#parts = parts
    const { route, settings, environment, watcher, sharePerCaller, events } = parts
    this.places = createShares({ size: MAX_PENDING_CALLS, share: shareOf(MAX_PENDING_CALLS, sharePerCaller) })
    this.#strayLines = new LoggedLines(environment.secrets, (line) =>
      this.#tell('warn', { event: 'program_stdout', line }, 'a program wrote a line that is no message'),
    )
    this.#spawned = new ProgramProcess({
      ...{ settings, environment, watcher, sharePerCaller },
      listener: {
        line: (bytes) => this.#onLine(bytes),
        tooLong: (start) => {
          this.drop('unreadable')
          this.#strayLines.addCut(start)
        },
      },
      stderr: new LoggedLines(environment.secrets, (line) =>
        this.#tell('info', { event: 'program_stderr', line }, 'a program wrote to its standard error'),
      ),
      onGone: (how) => this.#gone(how),
    })
    events.started(route)
    this.#starting = setTimeout(() => this.#neverBegan(), settings.startTimeoutMs)
  }

  /** Whether it takes calls. */
  get isAlive(): boolean {
    return !this.#isGone && !this.#isEnding
  }

  get calls(): number {
    return this.#pending.size
  }

  /** Since when it has neither calls nor listeners, in milliseconds of the monotonic clock; undefined while it has. */
  get idleSince(): number | undefined {
    return this.calls > 0 || this.listeners > 0 ? undefined : this.#usedMs
  }

  /** Room for messages of a caller; the result gives it back. Undefined when there is none. */
  reserve(caller: string, bytes: number): (() => void) | undefined {
    return this.#spawned.input.reserve(caller, bytes)
  }

  /** Sends a request; the result is the number under which the program knows it. */
  request(message: LineMessage, call: PendingCall, caller = OF_GATEWAY): number {
    if (!this.isAlive) {
      call.fail(GONE, ENDED)
      return 0
    }
    const number = this.#pending.add(call)
    this.write(caller, message.line({ id: `${number}`, progressToken: `${number}` }))
    return number
  }

  /** `message` is JSON in one line, within what its caller has reserved. */
  write(caller: string, message: Buffer): void {
    this.#usedMs = performance.now()
    this.#spawned.input.write(caller, Buffer.concat([message, LINE_FEED]))
  }

  /** Says something of the gateway's own, behind what this caller said. False where the program does not read. */
  tell(message: string, caller = OF_GATEWAY): boolean {
    this.#usedMs = performance.now()
    return this.#spawned.input.tell(Buffer.from(`${message}\n`), caller)
  }

  /** Calls back when all that the caller wrote has left the gateway, or never will. */
  flush(caller: string, onWritten: () => void): void {
    this.#spawned.input.write(caller, NOTHING, onWritten)
  }

  /** Nobody waits for a call any more. */
  forget(number: number): void {
    if (this.#pending.delete(number)) this.#usedMs = performance.now()
  }

  /** `caller`: whose call it was. */
  tellCancelled(caller: string, number: number): void {
    this.tell(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${number}}}`, caller)
  }

  /** The only call under way; undefined where there are none, or several. */
  onlyCall(): PendingCall | undefined {
    return this.#pending.only()
  }

  /** Refuses a request of the program. */
  refuse(request: LineMessage): void {
    const error = '{"code":-32601,"message":"No client of this server takes requests"}'
    this.tell(`{"jsonrpc":"2.0","id":${request.ids.id},"error":${error}}`)
    this.drop('request')
  }

  acknowledge(request: LineMessage): void {
    this.tell(`{"jsonrpc":"2.0","id":${request.ids.id},"result":{}}`)
  }

  drop(why: DroppedMessage): void {
    this.#parts.events.dropped(this.#parts.route, why)
  }

  /** Its calls fail with `why`. Resolves when nobody of its process group is left. */
  end(why: Refusal): Promise<void> {
    this.#isEnding = true
    clearTimeout(this.#starting)
    this.#fail(why, ENDED)
    return this.#spawned.end()
  }

  #onLine(bytes: Buffer): void {
    if (bytes.length === 0) return
    const message = this.#parts.lines.ofLine(bytes)
    if (message === undefined) this.#unreadable(bytes)
    else {
      this.#begin()
      this.#usedMs = performance.now()
      this.#onMessage(message)
    }
  }

  #onMessage(message: LineMessage): void {
    const { audience, isModern } = this.#parts
    const { progressToken, subscriptionId, requestId } = message.ids
    const owner = progressToken ?? subscriptionId ?? (isModern ? requestId : undefined)
    if (message.kind === 'response') this.#onResponse(message)
    else if (message.kind === 'request') audience.request(message, this)
    else if (owner === undefined) audience.notification(message, this)
    else this.#onAside(owner, message)
  }

  #onAside(owner: string, message: LineMessage): void {
    const call = this.#pending.get(owner)
    if (call === undefined) this.drop('late')
    else call.aside(message)
  }

  #onResponse(message: LineMessage): void {
    const call = this.#pending.take(message.ids.id)
    if (call === undefined) this.drop('late')
    else {
      this.hasAnswered ||= !message.isError
      call.response(message)
    }
  }

  #begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    clearTimeout(this.#starting)
    this.#parts.onBegun()
  }

  #neverBegan(): void {
    const seconds = Math.round(this.#parts.settings.startTimeoutMs / 1_000)
    const words = `a program said nothing for ${seconds} s after its start, and is ended`
    this.#tell('warn', { event: 'program_silent' }, words)
    this.#fail(
      { reason: 'upstream_timeout', detail: `the program said nothing for ${seconds} s` },
      'The MCP server did not start in time',
    )
    this.#isEnding = true
    void this.#spawned.endNow()
  }

  /** A call that it may have answered would wait in vain. */
  #unreadable(bytes: Buffer): void {
    this.drop('unreadable')
    this.#strayLines.add(bytes)
    const call = this.#pending.take(guessedId(bytes))
    call?.fail(
      { reason: 'upstream_invalid', detail: 'an answer that can be read in more than one way' },
      'The MCP server did not answer properly',
    )
  }

  #gone(how: string): void {
    const { route, events, onGone } = this.#parts
    const died = !this.#isEnding
    this.#isGone = true
    clearTimeout(this.#starting)
    events.gone(route, died ? 'died' : 'ended')
    if (died) this.#tell('warn', { event: 'program_died' }, `a program ended by itself: ${how}`)
    this.#fail({ reason: 'upstream_ended', detail: `the program ended: ${how}` }, ENDED)
    onGone(how, died, this.#hasBegun)
  }

  #fail(why: Refusal, words: string): void {
    for (const call of this.#pending.takeAll()) call.fail(why, words)
  }

  #tell(level: 'info' | 'warn', fields: ProgramFields, words: string): void {
    const { route, events } = this.#parts
    events.tell(level, { ...fields, route, pid: this.#spawned.pid }, words)
  }
}

/** Of a response that is JSON to some reader only. */
function guessedId(bytes: Buffer): string | undefined {
  const read = bytes.length <= MAX_GUESSED_BYTES ? parseJson(bytes.toString('utf8')) : undefined
  const isObject = typeof read === 'object' && read !== null && !('method' in read)
  return isObject && 'id' in read ? JSON.stringify(read.id) : undefined
}

/** For clients. */
const ENDED = 'The MCP server ended before it answered'
const GONE: Refusal = { reason: 'upstream_ended', detail: 'the program has ended' }
/** No caller has this name. */
const OF_GATEWAY = ''
const LINE_FEED = Buffer.from('\n')
const NOTHING = Buffer.alloc(0)
