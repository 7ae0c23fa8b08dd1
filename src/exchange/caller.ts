// The caller of a request. It is made once, when the token was proved or the route let the request in without one.
import { callerKey } from '../core/caller.ts'
import type { Principal } from '../core/principal.ts'
import { ownerOf } from '../mcp/owner.ts'

export class Caller {
  /** Undefined for a caller without a token. */
  readonly principal: Principal | undefined
  /** The address of the client, behind trusted proxies. */
  readonly address: string
  /** The key that limits count the caller by. */
  readonly key: string
  readonly #route: string
  #owner: string | undefined

  constructor(principal: Principal | undefined, address: string, route: string) {
    this.principal = principal
    this.address = address
    this.key = callerKey(principal, address)
    this.#route = route
  }

  /**
   * The owner that the caller's sessions, tasks and events have on this route. It is made when first asked for, since
   * most calls have none of these.
   */
  get owner(): string {
    this.#owner ??= ownerOf(this.#route, this.principal)
    return this.#owner
  }
}
