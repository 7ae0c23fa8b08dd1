// What several gateways share (`state`), as the program sees it.
import type { Secret } from './secret.ts'

export interface RedisNode {
  readonly host: string
  readonly port: number
}

export interface RedisLogin {
  readonly username: string | undefined
  readonly password: Secret | undefined
}

export interface StateSettings {
  /** `nodes` are one server, or where to ask for the others. */
  readonly topology: 'single' | 'sentinel' | 'cluster'
  readonly nodes: readonly RedisNode[]
  /** What Sentinel calls the server. */
  readonly master: string | undefined
  readonly database: number
  readonly isTls: boolean
  /** Certificate authorities in PEM. */
  readonly ca: string | undefined
  readonly login: RedisLogin
  /** At Sentinel itself. */
  readonly sentinelLogin: RedisLogin
  readonly prefix: string
  /** How long one command may take. */
  readonly timeoutMs: number
}
