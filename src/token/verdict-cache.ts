// Verdicts, kept. A hit costs one digest and one look-up and gives the same Result object again. Keeps no token: only
// digests, good and bad ones apart, so that garbage cannot push out who is known (J69, I23), and shared out, so that
// neither can one caller. A token that was good stays known when its verdict has to be renewed, so it does not wait for
// others behind the same address.
import { hash } from 'node:crypto'
import { callerKey } from '../core/caller.ts'
import type { Credential, Principal } from '../core/principal.ts'
import { type Result, refuse } from '../core/refusal.ts'
import type { Attempts } from '../core/route.ts'
import { createSharedTable } from '../core/shared-table.ts'
import type { Bounds } from '../core/shares.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { Clock } from './clock.ts'
import type { ProveToken, TokenVerdict } from './verdict.ts'

export interface VerdictCache {
  /** Synchronous when the verdict is known. `now` is epoch milliseconds. */
  verify(credential: Credential, now: number): MaybeAsync<Result<Principal>>
  /** The issuer has just said that it is over. */
  forget(credential: Credential): void
  /** Another gateway was told so; `digest` is what that one gave to `onForgotten`. */
  forgetDigest(digest: string): void
  /** What another gateway was told may have been missed. */
  forgetAll(): void
}

/** Each route of each reading of the configuration has a cache of its own (I18, J67). */
export interface VerdictCacheOptions {
  /** Of good verdicts, and of bad ones. */
  readonly bounds: Bounds
  readonly clock: Clock
  readonly prove: ProveToken
  /** The key of a verdict: the token, or more of the request. */
  readonly aboutOf: (credential: Credential) => string
  /** Absent: any number of unknown tokens may fail. */
  readonly attempts: Attempts | undefined
  /** Told when a token that was good is no longer. */
  readonly onForgotten: ((digest: string) => void) | undefined
}

interface Entry {
  readonly verdict: TokenVerdict
  /** On the monotonic clock, so that a clock set back keeps nothing alive (J32). */
  readonly keptUntil: number
}

export function createVerdictCache(options: VerdictCacheOptions): VerdictCache {
  const { bounds, clock, prove, aboutOf, attempts, onForgotten } = options
  let good = createSharedTable<Entry>(bounds)
  const bad = createSharedTable<Entry>(bounds)
  const flights = new Map<string, Promise<Result<Principal>>>()
  const digest = (credential: Credential) => digestOf(aboutOf(credential))
  const forget = (key: string) => {
    if (good.get(key) === undefined) return
    good.delete(key)
    onForgotten?.(Buffer.from(key, 'latin1').toString('base64url'))
  }
  const lives = ({ verdict, keptUntil }: Entry, now: number) =>
    now < verdict.endsAt && clock.monotonic() < keptUntil && verdict.stands() // J33, I17, I24

  const keep = (key: string, network: string, verdict: TokenVerdict, startedAt: number) => {
    const { result, keepMs } = verdict
    const entry = { verdict, keptUntil: startedAt + keepMs }
    if (!result.ok && result.refusal.reason === 'token_rejected') forget(key)
    if (keepMs <= 0) return
    if (result.ok) good.set(key, callerKey(result.value, ''), entry)
    else bad.set(key, network, entry)
  }
  const judge = async (key: string, credential: Credential, asker: string, now: number) => {
    const startedAt = clock.monotonic()
    const verdict = await prove({ credential, asker, now })
    keep(key, networkKey(credential), verdict, startedAt)
    return verdict.result
  }
  const attempt = async (key: string, credential: Credential, now: number) => {
    const network = networkKey(credential)
    if (attempts === undefined) return judge(key, credential, network, now)
    const wait = await attempts.begin(network)
    if (wait !== undefined) return failedTooOften(wait)
    let failed = false
    try {
      const result = await judge(key, credential, network, now)
      failed = !result.ok && result.refusal.reason === 'token_rejected'
      return result
    } finally {
      attempts.end(network, failed)
    }
  }
  /** I19: a question under way belongs to no caller, so it goes on when one leaves. */
  const fly = async (key: string, credential: Credential, known: Entry | undefined, now: number) => {
    try {
      const { result } = known?.verdict ?? {}
      return await (result?.ok
        ? judge(key, credential, callerKey(result.value, ''), now)
        : attempt(key, credential, now))
    } finally {
      flights.delete(key)
    }
  }

  return {
    verify(credential, now) {
      const key = digest(credential)
      const known = good.get(key)
      const entry = known ?? bad.get(key)
      if (entry !== undefined && lives(entry, now)) return entry.verdict.result
      const underWay = flights.get(key)
      if (underWay !== undefined) return underWay // I20
      const flight = fly(key, credential, known, now)
      flights.set(key, flight)
      return flight
    },
    forget: (credential) => forget(digest(credential)),
    forgetDigest: (told) => good.delete(Buffer.from(told, 'base64url').toString('latin1')),
    forgetAll() {
      good = createSharedTable(bounds)
    },
  }
}

/** SHA-512 costs half of SHA-256 on a processor without instructions for either. */
function digestOf(about: string): string {
  return hash('sha512', about, 'latin1')
}

function networkKey({ address }: Credential): string {
  return callerKey(undefined, address ?? '')
}

function failedTooOften(retryAfterSeconds: number) {
  return refuse({ reason: 'rate_limited', limit: 'failed_auth_per_address', retryAfterSeconds })
}
