// What each request with a token asks, in memory: revocations, signing keys, and people who asked lately. The feed keeps it
// true; where the feed is gone for too long nothing is answered, since somebody may have been shut out meanwhile.
import { LRUCache } from 'lru-cache'
import { andThen } from '../../../core/turn.ts'
import type { SigningKey } from '../keys.ts'
import type { LiveState } from '../live.ts'
import { REVOCATION_LIFE_MS } from '../revocations.ts'
import type { StoreClock } from '../store.ts'
import type { Person } from '../users.ts'
import { PostgresFault } from './fault.ts'

/** What happened elsewhere counts here after this time at the latest, or nothing does. */
const MAX_STALE_MS = 10_000
/** People who are kept in memory. */
const MAX_PEOPLE = 10_000
const FORGET_MS = 3_600_000

/** A key with its time. */
export interface KnownKey extends SigningKey {
  /** Epoch milliseconds; undefined for the one that signs. */
  readonly goneAt: number | undefined
}

/** What one look at the data saw. */
export interface SeenChanges {
  readonly revocations: readonly SeenRevocation[]
  /** Undefined when none came, was retired, or is gone. */
  readonly keys: readonly KnownKey[] | undefined
  /** Undefined: it may be any of them. */
  readonly people: readonly string[] | undefined
}

export interface SeenRevocation {
  readonly kind: string
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface KnownState extends LiveState {
  /** @param askedMs by `performance.now()`, when the look began */
  learn(seen: SeenChanges, askedMs: number): void
  /** What was done here counts at once. */
  noteRevocation(revocation: SeenRevocation): void
  notePerson(subject: string): void
  noteKeys(keys: readonly KnownKey[]): void
  /** Changes with each `noteKeys`: what a look saw of keys before that is old. */
  keysVersion(): number
}

export interface KnownStateParts {
  readonly clock: StoreClock
  readonly findPerson: (subject: string) => Promise<Person | undefined>
}

export function createKnownState({ clock, findPerson }: KnownStateParts): KnownState {
  const revocations = createRevocationTimes(clock)
  const keys = createKeyRing(clock)
  const people = createPeopleCache(findPerson)
  let freshMs = Number.NEGATIVE_INFINITY
  const requireFresh = () => {
    const age = performance.now() - freshMs
    if (age > MAX_STALE_MS)
      throw new PostgresFault(`nothing was heard of changes elsewhere for ${Math.round(age / 1_000)} s`)
  }
  return {
    learn(seen, askedMs) {
      for (const one of seen.revocations) revocations.add(one)
      if (seen.keys !== undefined) keys.replace(seen.keys)
      if (seen.people === undefined) people.forgetAll()
      else for (const subject of seen.people) people.forget(subject)
      freshMs = askedMs
    },
    noteRevocation: revocations.add,
    notePerson: people.forget,
    noteKeys: keys.note,
    keysVersion: keys.version,
    revokedAt(kind, id) {
      requireFresh()
      return revocations.at(kind, id)
    },
    signingKeys: keys.current,
    person(subject) {
      requireFresh()
      return people.find(subject)
    },
  }
}

/** Grows by what is told, and forgets what is over: nothing that was revoked counts again. */
function createRevocationTimes(clock: StoreClock) {
  const times = new Map<string, number>()
  let forgetAt = 0
  const isOver = (at: number) => at + REVOCATION_LIFE_MS <= clock.now()
  const forget = () => {
    if (forgetAt > clock.now()) return
    for (const [key, at] of times) if (isOver(at)) times.delete(key)
    forgetAt = clock.now() + FORGET_MS
  }
  return {
    add({ kind, id, at }: SeenRevocation): void {
      forget()
      const key = `${kind} ${id}`
      times.set(key, Math.max(at, times.get(key) ?? 0))
    },
    at(kind: string, id: string): number | undefined {
      const at = times.get(`${kind} ${id}`)
      return at === undefined || isOver(at) ? undefined : at
    },
  }
}

function createKeyRing(clock: StoreClock) {
  let known: readonly KnownKey[] = []
  let version = 0
  let shown: readonly SigningKey[] = []
  /** When one of those that are shown is gone; epoch milliseconds. */
  let until = 0
  const show = () => {
    const now = clock.now()
    const alive = known.filter(({ goneAt }) => goneAt === undefined || goneAt > now)
    until = Math.min(
      Number.POSITIVE_INFINITY,
      ...alive.map(({ goneAt }) => goneAt ?? Number.POSITIVE_INFINITY),
    )
    shown = alive
  }
  const replace = (keys: readonly KnownKey[]) => {
    if (sameKeys(keys, known)) return // the same list while nothing changed
    known = keys
    show()
  }
  return {
    replace,
    note(keys: readonly KnownKey[]): void {
      version += 1
      replace(keys)
    },
    version: () => version,
    current(): readonly SigningKey[] {
      if (until <= clock.now()) show()
      return shown
    },
  }
}

function sameKeys(one: readonly KnownKey[], other: readonly KnownKey[]): boolean {
  const text = (keys: readonly KnownKey[]) => JSON.stringify(keys.map(({ kid, goneAt }) => [kid, goneAt]))
  return text(one) === text(other)
}

function createPeopleCache(findPerson: KnownStateParts['findPerson']) {
  const kept = new LRUCache<string, Person>({ max: MAX_PEOPLE })
  /** Counts invalidations, so that a look-up that began before one is not cached. */
  let invalidations = 0
  return {
    forget(subject: string): void {
      invalidations += 1
      kept.delete(subject)
    },
    forgetAll(): void {
      invalidations += 1
      kept.clear()
    },
    find(subject: string): Person | undefined | Promise<Person | undefined> {
      const known = kept.get(subject)
      if (known !== undefined) return known
      const before = invalidations
      return andThen(findPerson(subject), (person) => {
        if (person !== undefined && invalidations === before) kept.set(subject, person)
        return person
      })
    },
  }
}
