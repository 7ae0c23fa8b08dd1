// Which program a message goes to: that of its session, one that several sessions share, or one of its caller alone where
// the message belongs to no session (2026-07-28). A session names its caller; for anybody else it does not exist.
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import type { ProgramSettings } from '../../core/settings-program.ts'
import type { Health } from '../health.ts'
import { AUDIENCE_OF_CALLS, audienceOfSession, audienceOfSubject, NO_AUDIENCE } from './audiences.ts'
import { environmentFor } from './environment.ts'
import { type Handshake, shakeHands } from './handshake.ts'
import type { Program } from './program.ts'
import type { ProgramHost } from './program-host.ts'
import type { ProgramRequest } from './program-request.ts'
import { ownerOfSession, ProgramSession } from './program-session.ts'
import { ProgramSessions } from './program-sessions.ts'
import { keyOfCaller, ProgramTable, type WantedProgram } from './program-table.ts'

export interface ProgramDestination {
  readonly program: Program
  readonly session: ProgramSession | undefined
  /** Of a program that several sessions share: what it said at its start. */
  readonly handshake: Promise<Result<Handshake>> | undefined
}

export interface DestinationParts {
  readonly route: string
  readonly settings: ProgramSettings
  readonly host: ProgramHost
  readonly health: Health
  readonly hasOneCaller: boolean
}

const UNKNOWN: Refusal = { reason: 'session_unknown', detail: 'no session of this caller at a program' }
const NO_SESSION: Refusal = { reason: 'session_malformed', detail: 'Mcp-Session-Id is missing' }
const TOO_MANY: Refusal = { reason: 'overloaded', detail: 'too many sessions', retryAfterSeconds: 5 }
const ENDED: Refusal = { reason: 'upstream_ended', detail: 'its session was ended' }

export class Destinations {
  readonly #parts: DestinationParts
  readonly #table: ProgramTable
  readonly #sessions: ProgramSessions
  readonly #handshakes = new WeakMap<Program, Promise<Result<Handshake>>>()
  /** Callers without a token: each request is for itself. */
  #strangers = 0

  constructor(parts: DestinationParts) {
    this.#parts = parts
    this.#table = new ProgramTable(parts)
    this.#sessions = new ProgramSessions(parts.host.sharePerCaller, (session) => {
      if (session.program !== undefined) this.#table.end(session.program, ENDED)
    })
  }

  /** Of a request without a session. */
  ofCaller({ headers: { principal }, caller }: ProgramRequest): Result<ProgramDestination> {
    const environment = environmentFor(this.#parts.settings, principal)
    if (principal === undefined && !this.#parts.hasOneCaller) this.#strangers += 1
    const whose = principal === undefined ? `${this.#strangers}` : keyOfCaller(principal, environment)
    const wanted = { environment, caller, audience: AUDIENCE_OF_CALLS, isModern: true }
    const found = this.#table.obtain({ ...wanted, key: `modern ${whose}` })
    return found.ok ? ok({ program: found.value, session: undefined, handshake: undefined }) : found
  }

  /** One of these with nothing under way is of no more use: it cannot do this revision, or its caller is not known. */
  release({ headers: { principal } }: ProgramRequest, { program, session }: ProgramDestination): void {
    const isKnown = principal !== undefined || this.#parts.hasOneCaller
    const isUseful = isKnown && program.hasAnswered
    if (session === undefined && !isUseful && program.calls === 0) this.#table.end(program, ENDED)
  }

  /** Of a request that begins a session. */
  begin(request: ProgramRequest): Result<ProgramDestination> {
    const { caller, headers } = request
    const { host } = this.#parts
    const rooms = { unread: host.unreadRoomOf(caller), replay: host.replayRoomOf(caller) }
    const session = new ProgramSession(headers.principal, caller, rooms)
    if (!this.#sessions.add(session)) return refuse(TOO_MANY)
    const found = this.#programOf(session, request)
    if (!found.ok) this.#sessions.remove(session)
    return found
  }

  /** Of any other. */
  ofSession({ headers: { sessionId, principal } }: ProgramRequest): Result<ProgramDestination> {
    if (sessionId === undefined) return refuse(NO_SESSION)
    const session = this.#sessions.find(sessionId, ownerOfSession(principal))
    if (session === undefined) return refuse(UNKNOWN)
    if (session.shared !== undefined) return this.#join(session, session.shared)
    if (session.program?.isAlive) return ok({ program: session.program, session, handshake: undefined })
    this.#sessions.remove(session)
    return refuse(UNKNOWN)
  }

  end(session: ProgramSession): void {
    this.#sessions.remove(session)
  }

  endAll(): void {
    this.#table.endAll()
  }

  #programOf(
    session: ProgramSession,
    { headers: { principal }, caller }: ProgramRequest,
  ): Result<ProgramDestination> {
    const { settings } = this.#parts
    const environment = environmentFor(settings, principal)
    const wanted = { environment, isModern: false }
    if (settings.per === 'route') {
      const ofAll = { key: 'route', caller: 'route', audience: NO_AUDIENCE }
      return this.#join(session, { ...wanted, ...ofAll })
    }
    if (settings.per === 'subject' && principal !== undefined) {
      const key = `subject ${JSON.stringify([principal.key, environment.key])}`
      const audience = audienceOfSubject(() => this.#sessions.sharing(key))
      return this.#join(session, { ...wanted, key, caller, audience })
    }
    const found = this.#table.obtain({
      ...{ ...wanted, key: `session ${session.id}`, caller, audience: audienceOfSession(session) },
      onGone: () => this.#sessions.remove(session),
    })
    if (!found.ok) return found
    session.program = found.value
    return ok({ program: found.value, session, handshake: undefined })
  }

  #join(session: ProgramSession, shared: WantedProgram): Result<ProgramDestination> {
    this.#sessions.share(session, shared)
    const found = this.#table.obtain(shared)
    if (!found.ok) return found
    const program = found.value
    const known = this.#handshakes.get(program)
    const handshake = known ?? shakeHands(program, this.#parts.host.lines.ofLine)
    if (known === undefined) this.#handshakes.set(program, handshake)
    return ok({ program, session, handshake })
  }
}
