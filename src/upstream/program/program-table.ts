// The running programs of one route: started when they are first needed, within the bounds of the route, of all routes and of
// each caller, and ended when nobody has used them for a while. Where there is no room, one that does nothing makes room.
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import type { ProgramSettings } from '../../core/settings-program.ts'
import { createShares, type Shares, type Shortage, shareOf } from '../../core/shares.ts'
import { STOPPING } from '../failure.ts'
import type { Health } from '../health.ts'
import { BackOff } from './back-off.ts'
import type { ProgramEnvironment } from './environment.ts'
import { type Audience, Program } from './program.ts'
import type { IdleProgram, IdlePrograms, ProgramHost } from './program-host.ts'
import type { ProgramCaller } from './program-request.ts'

/** One that ended sooner after its start did not come up. */
const STEADY_MS = 10_000
const LOOK_MS = 1_000

export interface WantedProgram {
  /** Who finds the same one. */
  readonly key: string
  /** Whom it counts for. */
  readonly caller: string
  readonly environment: ProgramEnvironment
  readonly audience: Audience
  readonly isModern: boolean
  /** Called once it is no more. */
  readonly onGone?: () => void
}

export interface ProgramTableParts {
  readonly route: string
  readonly settings: ProgramSettings
  readonly host: ProgramHost
  readonly health: Health
}

interface Running {
  readonly program: Program
  readonly wanted: WantedProgram
  /** It made room for another, and has a place among those that end. */
  isLeaving: boolean
}

const IDLE: Refusal = { reason: 'upstream_ended', detail: 'the program was not used' }

export class ProgramTable implements IdlePrograms {
  readonly #parts: ProgramTableParts
  readonly #running = new Map<string, Running>()
  readonly #places: Shares
  /** Of those that made room for others, until they are gone. */
  readonly #leaving: Shares
  readonly #backOff = new BackOff(() => performance.now())
  #looking: NodeJS.Timeout | undefined

  constructor(parts: ProgramTableParts) {
    const { settings, host } = parts
    this.#parts = parts
    const bounds = { size: settings.max, share: shareOf(settings.max, host.sharePerCaller) }
    this.#places = createShares(bounds)
    this.#leaving = createShares(bounds)
    host.routes.add(this)
  }

  find(key: string): Program | undefined {
    const program = this.#running.get(key)?.program
    return program?.isAlive ? program : undefined
  }

  /** The one that runs under this key, or a new one. */
  obtain(wanted: WantedProgram): Result<Program> {
    const known = this.find(wanted.key)
    if (known !== undefined) return ok(known)
    const waitMs = this.#backOff.waitOf(wanted.caller)
    if (waitMs > 0) return refuse(backingOff(waitMs))
    const shortage = this.#takePlace(wanted.caller)
    if (shortage !== undefined) return refuse(NO_PLACE[shortage])
    return ok(this.#start(wanted))
  }

  /** Ends one of them before its time. */
  end(program: Program, why: Refusal): void {
    this.#parts.host.ending(program.end(why))
  }

  endAll(): void {
    this.#parts.host.routes.delete(this)
    for (const { program } of [...this.#running.values()]) this.end(program, STOPPING)
  }

  longestIdle(caller: string | undefined): IdleProgram | undefined {
    let longest: Running | undefined
    let since = Number.POSITIVE_INFINITY
    for (const each of this.#running.values()) {
      const idle = each.program.idleSince
      if (idle === undefined || idle >= since || (caller !== undefined && each.wanted.caller !== caller))
        continue
      longest = each
      since = idle
    }
    return longest && { since, makeRoom: () => this.#makeRoom(longest) }
  }

  /** A place of the route and of all routes, after ending a program that does nothing where that gives one. */
  #takePlace(caller: string): Shortage | undefined {
    const missing = this.#take(caller)
    if (missing === undefined) return undefined
    const { shortage, routes } = missing
    const whose = shortage === 'share' ? caller : undefined
    const idle = [...routes].flatMap((route) => route.longestIdle(whose) ?? [])
    const [longest] = idle.sort((one, other) => one.since - other.since)
    return longest?.makeRoom() ? this.#take(caller)?.shortage : shortage
  }

  /** `routes`: whose programs have the places. */
  #take(
    caller: string,
  ): { readonly shortage: Shortage; readonly routes: Iterable<IdlePrograms> } | undefined {
    const { host } = this.#parts
    const here = this.#places.take(caller)
    if (here !== undefined) return { shortage: here, routes: [this] }
    const elsewhere = host.places.take(caller)
    if (elsewhere === undefined) return undefined
    this.#places.give(caller)
    return { shortage: elsewhere, routes: host.routes }
  }

  #makeRoom(running: Running): boolean {
    const { program, wanted } = running
    if (this.#leaving.take(wanted.caller) !== undefined) return false
    this.#givePlace(wanted.caller)
    running.isLeaving = true
    this.#running.delete(wanted.key)
    this.end(program, IDLE)
    return true
  }

  #givePlace(caller: string): void {
    this.#places.give(caller)
    this.#parts.host.places.give(caller)
  }

  #start(wanted: WantedProgram): Program {
    const { route, settings, host, health } = this.#parts
    const { environment, audience, isModern } = wanted
    const startedMs = performance.now()
    const isShared = settings.per === 'route' && !isModern
    const program = new Program({
      ...{ route, settings, environment, audience, isModern },
      ...{ watcher: host.watcher, lines: host.lines, events: host.events },
      sharePerCaller: isShared ? host.sharePerCaller : 1,
      onBegun: () => health.succeeded(),
      onGone: (how, died, hasBegun) => {
        const isSteady = performance.now() - startedMs >= STEADY_MS
        this.#remember(wanted.caller, hasBegun && (!died || isSteady))
        if (died && !hasBegun) health.failed({ reason: 'upstream_ended', detail: how })
        this.#forget(running)
      },
    })
    const running: Running = { program, wanted, isLeaving: false }
    this.#running.set(wanted.key, running)
    this.#looking ??= setInterval(() => this.#endIdle(), LOOK_MS).unref()
    return program
  }

  #remember(caller: string, cameUp: boolean): void {
    if (cameUp) this.#backOff.succeeded(caller)
    else this.#backOff.failed(caller)
  }

  #forget({ program, wanted, isLeaving }: Running): void {
    if (isLeaving) this.#leaving.give(wanted.caller)
    else this.#givePlace(wanted.caller)
    if (this.#running.get(wanted.key)?.program === program) this.#running.delete(wanted.key)
    if (this.#running.size === 0) {
      clearInterval(this.#looking)
      this.#looking = undefined
    }
    wanted.onGone?.()
  }

  #endIdle(): void {
    const last = performance.now() - this.#parts.settings.idleMs
    for (const { program } of [...this.#running.values()]) {
      if (program.isAlive && (program.idleSince ?? Number.POSITIVE_INFINITY) <= last) this.end(program, IDLE)
    }
  }
}

const NO_PLACE: Readonly<Record<Shortage, Refusal>> = {
  share: { reason: 'rate_limited', limit: 'programs_per_subject', retryAfterSeconds: 5 },
  full: { reason: 'overloaded', detail: 'too many programs run', retryAfterSeconds: 5 },
}

function backingOff(waitMs: number): Refusal {
  const detail = 'the program did not come up, and is not started again so soon'
  return { reason: 'overloaded', detail, retryAfterSeconds: Math.ceil(waitMs / 1_000) }
}

/** What a program is told of its caller is part of who shares it. */
export function keyOfCaller(principal: ProgramCaller, { key }: ProgramEnvironment): string {
  return JSON.stringify([principal.key, principal.clientId, key])
}
