// Everything that the authorization server keeps: one repository for each thing, made once when the store is opened.
// Every method may take its time, so callers await it. What stands behind them is in `sqlite/` and `postgres/`, the
// only places with SQL; test/as/store holds both to the same.
import type { Artifacts } from './artifacts.ts'
import type { ClientHolders } from './client-holders.ts'
import type { Clients } from './clients.ts'
import type { Consents } from './consents.ts'
import type { Expired } from './expired.ts'
import type { Grants } from './grants.ts'
import type { HeldCodes } from './held-codes.ts'
import type { SigningKeys } from './keys.ts'
import type { LiveState } from './live.ts'
import type { LoginSessions } from './login-sessions.ts'
import type { Outbox } from './outbox.ts'
import type { Passkeys } from './passkeys.ts'
import type { ProviderTokens } from './provider-tokens.ts'
import type { Resets } from './resets.ts'
import type { Revocations } from './revocations.ts'
import type { SingleUses } from './single-use.ts'
import type { Tallies } from './tallies.ts'
import type { Users } from './users.ts'

/** Injected, so that tests move time instead of waiting for it. */
export interface StoreClock {
  /** Epoch milliseconds. */
  now(): number
}

export interface Repositories {
  readonly artifacts: Artifacts
  readonly clients: Clients
  readonly clientHolders: ClientHolders
  readonly consents: Consents
  readonly expired: Expired
  readonly grants: Grants
  readonly heldCodes: HeldCodes
  readonly loginSessions: LoginSessions
  readonly outbox: Outbox
  readonly passkeys: Passkeys
  readonly providerTokens: ProviderTokens
  readonly resets: Resets
  readonly revocations: Revocations
  readonly signingKeys: SigningKeys
  readonly singleUses: SingleUses
  readonly tallies: Tallies
  readonly users: Users
}

export interface Store extends Repositories {
  readonly clock: StoreClock
  /** The secret that everything kept or sent as a cookie is sealed with; at least 32 bytes. */
  readonly secret: Buffer
  readonly live: LiveState
  /**
   * All that `work` does with the repositories that it is given becomes true together, or nothing of it when it throws.
   * Nobody else's writes are seen in between, so `work` awaits nothing but these repositories: others may wait for it. It
   * may be run again from its beginning, where others were in the way, so it changes nothing but through them. Throws what
   * `work` throws.
   */
  transaction<T>(work: (within: Repositories) => Promise<T>, durability?: Durability): Promise<T>
  /** Whether an error came from what stands behind the store: full, locked or away. Trying again later may help. */
  isFault(error: unknown): boolean
  close(): Promise<void>
}

/**
 * `lasting` waits for the disk. `fleeting` is for what is only under way: the end of this process loses nothing of it, a
 * power cut may.
 */
export type Durability = 'lasting' | 'fleeting'

export interface StoreOptions {
  /** At least 32 bytes. */
  readonly secret: Buffer
  readonly clock: StoreClock
  /** How many connections to a database server requests share. */
  readonly connections?: number
}

/** @param data what `authorization_server.data` says; throws when it cannot be used */
export type OpenStore = (data: string, options: StoreOptions) => Promise<Store>

export const OUTSIDE_TRANSACTION =
  'this is inside a transaction: use the repositories that it was given, or it would wait for itself'
export const TRANSACTION_OVER =
  'the transaction of these repositories is over: await what they do inside of it'
