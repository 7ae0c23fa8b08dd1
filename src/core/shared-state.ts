// What several gateways share, and what each use does while the shared store is away. gateway/durable-state.ts uses it;
// a `SharedState` is plugged in as `state` of gateway/serving-options.ts. There are two layers. `SharedState` is what the
// parts of a gateway are given: in one process it is tables in memory that answer at once, without a promise
// (gateway/state-in-memory.ts). `StateCommands` is all that a store outside of this process has
// to do; state/remote-state.ts makes a `SharedState` of it, with these answers where a command says `unavailable`:
//
// | use                                            | commands           | the store is away                            |
// |------------------------------------------------|--------------------|----------------------------------------------|
// | rates, failed attempts, challenge loops,       | take, peek,        | open: this process counts for itself         |
// | allowances of the authorization server         | giveBack           |                                              |
// | used proofs                                    | use                | closed: refused, 503 `state_unavailable`     |
// | tasks                                          | keep, find         | those of this process are found, others 503  |
// | scopes that calls were refused for             | keep, find, remove | open: this process knows its own             |
// | drift that was reported                        | use                | open: this process reports it once more      |
// | locks                                          | lock, unlock       | open: nobody waits for another process       |
// | feed of forgotten verdicts                     | publish, listen    | `lost`: every kept verdict is forgotten      |
// | feed of cancelled calls                        | publish, listen    | open: the call goes on until its server ends |
// | approvals                                      | …Record            | closed: refused, 503 `state_unavailable`     |
//
// Rules for who implements `StateCommands`: no command throws or takes longer than a bounded time; each is atomic; keys,
// owners and values are opaque text, already made keyed digests or sealed where they name somebody (state/privacy.ts).
// What is kept for an owner is bounded by `most`, so that one caller fills nothing that others need.

import type { Target } from './call.ts'
import type { Rate } from './rate.ts'
import type { PartStatus } from './route.ts'
import type { Bounds, Shortage } from './shares.ts'
import type { MaybeAsync } from './turn.ts'

/** The store that is shared did not answer, in time or at all. */
export const UNAVAILABLE = 'unavailable'
export type Unavailable = typeof UNAVAILABLE

/** Events in windows of time, each of which begins with its first event. */
export interface RateLimit {
  /** Takes `count`; or, when fewer are left, takes nothing and gives the seconds to wait. */
  take(key: string, count?: number): MaybeAsync<number | undefined>
  /** What `take` would give, without taking. */
  peek(key: string, count?: number): MaybeAsync<number | undefined>
  /** Gives back what was taken. */
  giveBack(key: string, count?: number): void
}

export interface UsedProofs {
  /**
   * `new` once per id, for as long as the proof could be shown again; `full` when it cannot be remembered. Where the store
   * may have forgotten proofs that could still be shown, the nonce that a proof must carry to be known as a later one.
   * @param caller whose share it takes
   */
  remember(caller: string, id: string, made: ProofMade): MaybeAsync<ProofUse>
  /** Whether the nonce is one that `remember` asked for a moment ago. */
  isFresh?(nonce: unknown): boolean
}

export type ProofUse = 'new' | 'seen' | 'full' | Unavailable | FreshNonce

export interface FreshNonce {
  readonly nonce: string
}

/** What a proof says of when it was made. */
export interface ProofMade {
  /** Epoch milliseconds, by the clock of the caller. */
  readonly at: number
  readonly nonce: unknown
}

export interface TaskMemory {
  /**
   * @param owner what `ownerOf` says of the route and the caller
   * @param caller whose share of the memory it takes: of all clients of one person together
   */
  remember(owner: string, caller: string, taskId: string, targets: readonly Target[]): void
  /** The call that created the task; undefined for another owner's task and for one that does not exist. */
  find(owner: string, taskId: string, caller: string): MaybeAsync<readonly Target[] | undefined | Unavailable>
}

/** Texts that are found again under a key, for a bounded time. An owner is named again to find what is its own. */
export interface TextMemory {
  /** @param owner whose share of the memory it takes */
  remember(owner: string, key: string, text: string): MaybeAsync<void>
  find(owner: string, key: string): MaybeAsync<string | undefined>
  /** Forgets it. Of several who ask at the same time one gets the text. */
  remove(owner: string, key: string): MaybeAsync<string | undefined>
}

/**
 * Texts that every gateway finds and lists, and that only whoever has seen the last version of one replaces: of several
 * who act on what they saw at the same time, one does. Whoever uses it seals the texts, and makes the keys.
 */
export interface SharedRecords {
  /** Adds a record where the key has none. `share`: the owner holds its part; `full`: all hold as many as there may be. */
  add(owner: string, key: string, text: string): MaybeAsync<RecordAdded | Unavailable>
  find(key: string): MaybeAsync<string | undefined | Unavailable>
  /** Whether the record was still `seen`; then it is `next`, or gone where that is undefined. */
  replace(key: string, seen: string, next: string | undefined): MaybeAsync<boolean | Unavailable>
  list(): MaybeAsync<readonly RecordEntry[] | Unavailable>
}

export type RecordAdded = 'added' | 'held' | Shortage

export interface RecordEntry {
  readonly key: string
  readonly text: string
}

/** How long a record is kept at most, in milliseconds, and how many of them. */
export interface RecordBounds extends Bounds {
  readonly forMs: number
}

export interface ChallengeLoops {
  /**
   * Counts one challenge; true when there were too many like it and this one should not be sent.
   * @param challenge client, operation and scopes
   * @param now epoch milliseconds
   */
  isFutile(caller: string, challenge: readonly string[], now: number): MaybeAsync<boolean>
}

/** Lets a report be made once, however many processes notice its cause. */
export interface ReportDedup {
  /** Whether no process reported it before. */
  isFirst(what: string): MaybeAsync<boolean>
}

export interface Locks {
  /** Does the work when nobody else does any under this name; after a bounded time it no longer waits for them. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>
}

/** What one gateway found, and the others should act on. */
export type FeedEvent = ForgottenVerdict | ({ readonly kind: 'call_cancelled' } & CancelledCall)

export interface ForgottenVerdict {
  readonly kind: 'verdict_forgotten'
  readonly route: string
  /** The digest of the token, under which verdicts are kept. */
  readonly digest: string
}

/** A call whose client cancelled it by `notifications/cancelled`, and all that the two must have in common. */
export interface CancelledCall {
  readonly route: string
  /** The key of the caller (core/caller.ts). */
  readonly caller: string
  readonly session: string | undefined
  /** The id of the call as JSON text. */
  readonly id: string
}

export interface FeedListener {
  /** An event of another process, never of this one. */
  heard(event: FeedEvent): void
  /** Events may have been missed. */
  lost(): void
}

export interface Feed {
  publish(event: FeedEvent): void
  /** @returns ends it */
  listen(listener: FeedListener): () => void
}

/** Each method is called once for a use; what it gives outlives a reload. `use` names the thing, and never a caller. */
export interface SharedState {
  /** @param own what counts in this process, where that is not the usual table */
  rateLimit(use: string, rate: Rate, own?: RateLimit): RateLimit
  attempts(use: string, rate: Rate): RateLimit
  /** @param forMs at least as long as a proof can be shown */
  usedProofs(use: string, forMs: number, bounds: Bounds): UsedProofs
  tasks(use: string, bounds: Bounds): TaskMemory
  texts(use: string, forMs: number, bounds: Bounds): TextMemory
  records(use: string, bounds: RecordBounds): SharedRecords
  challengeLoops(use: string, rate: Rate, bounds: Bounds): ChallengeLoops
  reportDedup(use: string): ReportDedup
  readonly locks: Locks
  readonly feed: Feed
  /** Returns the status of the store outside of this process, where there is one. */
  status?(): PartStatus
  close(): Promise<void>
}

/** What the authorization server shares with others of its kind, beside its data. */
export type SharedAllowances = Pick<SharedState, 'rateLimit' | 'locks'>

/** What is kept for one owner: how long, and how many of them. */
export interface Keeping {
  readonly forMs: number
  readonly most: number
}

/** A store outside of this process. `table` names the use, and is the same text in every gateway. */
export interface StateCommands {
  /** Seconds to wait when it does not fit, and then nothing was taken. */
  take(table: string, key: string, rate: Rate, count: number): Promise<number | undefined | Unavailable>
  peek(table: string, key: string, rate: Rate, count: number): Promise<number | undefined | Unavailable>
  giveBack(table: string, key: string, rate: Rate, count: number): void
  /** `first` exactly once for each id, for `forMs`. `full`: the owner holds `most` of them. */
  use(table: string, owner: string, id: string, keeping: Keeping): Promise<Used | Unavailable>
  /** Where the owner holds `most`, its oldest goes. */
  keep(
    table: string,
    owner: string,
    key: string,
    value: string,
    keeping: Keeping,
  ): Promise<Unavailable | undefined>
  find(table: string, owner: string, key: string): Promise<string | undefined | Unavailable>
  /** Removes what is kept, and returns it. */
  remove(table: string, owner: string, key: string): Promise<string | undefined | Unavailable>
  /** Records stand for themselves: nothing pushes one out, and what a restart may have brought back is gone. */
  addRecord(
    table: string,
    owner: string,
    record: RecordEntry,
    bounds: RecordBounds,
  ): Promise<RecordAdded | Unavailable>
  findRecord(table: string, key: string): Promise<string | undefined | Unavailable>
  replaceRecord(
    table: string,
    key: string,
    seen: string,
    next: string | undefined,
  ): Promise<boolean | Unavailable>
  listRecords(table: string): Promise<readonly RecordEntry[] | Unavailable>
  /** Whether `holder` has it now; it ends by itself after `forMs`. */
  lock(name: string, holder: string, forMs: number): Promise<boolean | Unavailable>
  unlock(name: string, holder: string): void
  publish(event: string): void
  /** `lost` is also called on first connection and after every gap longer than the bound. */
  listen(listener: CommandListener): void
  close(): Promise<void>
}

export interface Used {
  readonly outcome: 'first' | 'again' | 'full'
  /**
   * Epoch milliseconds: what was used before may be forgotten, since the store was restarted, flushed or replaced then; 0
   * where it forgets only together with every gateway.
   */
  readonly since: number
}

export interface CommandListener {
  heard(event: string): void
  lost(): void
}
