// Keeps verdicts. A hit costs one digest and one look-up and returns the same Result object again. The cache keeps
// digests and no token. Good and bad verdicts are kept apart, so that garbage cannot push out known callers (J69, I23),
// and shared out, so that no single caller can either. A token that was good stays known when its verdict has to be
// renewed, so it does not wait behind others of the same address.
import { hash } from 'node:crypto'
import { callerKey } from '../core/caller.ts'
import type { Credential, Principal } from '../core/principal.ts'
import { type Result, refuse } from '../core/refusal.ts'
import type { Attempts } from '../core/route.ts'
import { createSharedTable } from '../core/shared-table.ts'
import type { Bounds } from '../core/shares.ts'
import { createTableBudget, type TableBudget } from '../core/table-budget.ts'
import { andThen, endingWith, isPending, type MaybeAsync } from '../core/turn.ts'
import type { Clock } from './clock.ts'
import type { ProveToken, TokenQuery, TokenVerdict } from './verdict.ts'

export interface VerdictCache {
  /** Returns a promise only when something has to be waited for. `now` is epoch milliseconds. */
  verify(credential: Credential, now: number): MaybeAsync<Result<Principal>>
  /** Forgets a token that the issuer has just called inactive. */
  forget(credential: Credential): void
  /** Forgets a token that another gateway was told to forget; `digest` is what that gateway gave to `onForgotten`. */
  forgetDigest(digest: string): void
  /** Forgets all: reports of other gateways may have been missed, or the route ends and gives its places back. */
  forgetAll(): void
}

/** Each route has a cache of its own, which ends when a setting or an issuer of the route changes (I18, J67). */
export interface VerdictCacheOptions {
  /** Bounds of the good verdicts, and of the bad ones. */
  readonly bounds: Bounds
  /** Budgets of all routes together; absent: only this route is bounded. */
  readonly budgets?: VerdictBudgets | undefined
  readonly clock: Clock
  readonly prove: ProveToken
  /** The key of a verdict: the token, or more of the request. */
  readonly aboutOf: (credential: Credential) => string
  /** Counts failing attempts; absent: any number of unknown tokens may fail. */
  readonly attempts: Attempts | undefined
  /** Called when a token that was good is no longer. */
  readonly onForgotten: ((digest: string) => void) | undefined
}

export interface VerdictBudgets {
  readonly good: TableBudget
  readonly bad: TableBudget
}

/** Good verdicts of all routes together, and as many bad ones. */
const MAX_ALL_VERDICTS = 100_000

export function createVerdictBudgets(): VerdictBudgets {
  return { good: createTableBudget(MAX_ALL_VERDICTS), bad: createTableBudget(MAX_ALL_VERDICTS) }
}

interface Entry {
  readonly verdict: TokenVerdict
  /** The end of keeping, on the monotonic clock, so that a clock that is set back keeps nothing alive (J32). */
  readonly keptUntil: number
}

export function createVerdictCache(options: VerdictCacheOptions): VerdictCache {
  const { bounds, budgets, clock, prove, aboutOf, attempts, onForgotten } = options
  const good = createSharedTable<Entry>({ ...bounds, budget: budgets?.good })
  const bad = createSharedTable<Entry>({ ...bounds, budget: budgets?.bad })
  const flights = new Map<string, Promise<Result<Principal>>>()
  const digest = (credential: Credential) => digestOf(aboutOf(credential))
  const forget = (key: string) => {
    if (good.get(key) === undefined) return
    good.delete(key)
    onForgotten?.(Buffer.from(key, 'latin1').toString('base64url'))
  }
  const lives = ({ verdict, keptUntil }: Entry, now: number) =>
    now < verdict.endsAt && clock.monotonic() < keptUntil && verdict.stands() // J33, I17, I24

  const keep = (key: string, credential: Credential, verdict: TokenVerdict, startedAt: number) => {
    const { result, keepMs } = verdict
    const entry = { verdict, keptUntil: startedAt + keepMs }
    if (isRejected(result)) forget(key)
    if (keepMs <= 0) return
    if (result.ok) good.set(key, callerKey(result.value, ''), entry)
    else bad.set(key, networkKey(credential), entry)
  }
  const judge = (key: string, query: TokenQuery): MaybeAsync<Result<Principal>> => {
    const startedAt = clock.monotonic()
    return andThen(prove(query), (verdict) => {
      keep(key, query.credential, verdict, startedAt)
      return verdict.result
    })
  }
  const attempt = (key: string, query: TokenQuery): MaybeAsync<Result<Principal>> => {
    if (attempts === undefined) return judge(key, query)
    const { quotaKey } = query
    const end = (result: Result<Principal> | undefined) =>
      attempts.end(quotaKey, result !== undefined && isRejected(result))
    return andThen(attempts.begin(quotaKey), (wait) =>
      wait === undefined ? endingWith(() => judge(key, query), end) : failedTooOften(wait),
    )
  }

  return {
    verify(credential, now) {
      const key = digest(credential)
      const known = good.get(key)
      const entry = known ?? bad.get(key)
      if (entry !== undefined && lives(entry, now)) return entry.verdict.result
      const underWay = flights.get(key)
      if (underWay !== undefined) return underWay // I20
      const { result } = known?.verdict ?? {}
      const judged = result?.ok
        ? judge(key, { credential, quotaKey: callerKey(result.value, ''), now })
        : attempt(key, { credential, quotaKey: networkKey(credential), now })
      if (!isPending(judged)) return judged
      const flight = judged.finally(() => flights.delete(key)) // I19: it belongs to no single caller, and goes on when one leaves
      flights.set(key, flight)
      return flight
    },
    forget: (credential) => forget(digest(credential)),
    forgetDigest: (told) => good.delete(Buffer.from(told, 'base64url').toString('latin1')),
    forgetAll() {
      good.clear()
      bad.clear()
    },
  }
}

/** SHA-512 costs half of SHA-256 on a processor without instructions for either. */
function digestOf(about: string): string {
  return hash('sha512', about, 'latin1')
}

function isRejected(result: Result<Principal>): boolean {
  return !result.ok && result.refusal.reason === 'token_rejected'
}

function networkKey({ address }: Credential): string {
  return callerKey(undefined, address ?? '')
}

function failedTooOften(retryAfterSeconds: number) {
  return refuse({ reason: 'rate_limited', limit: 'failed_auth_per_address', retryAfterSeconds })
}
