// Who calls: made once for a request, when its token was proved or its route let it in without one.
import { callerKey } from '../core/caller.ts'
import type { Principal } from '../core/principal.ts'
import { ownerOf } from '../mcp/owner.ts'

export class Caller {
  /** Undefined for a caller without a token. */
  readonly principal: Principal | undefined
  /** Of the client, behind trusted proxies. */
  readonly address: string
  /** What limits count it by. */
  readonly key: string
  readonly #route: string
  #owner: string | undefined

  constructor(principal: Principal | undefined, address: string, route: string) {
    this.principal = principal
    this.address = address
    this.key = callerKey(principal, address)
    this.#route = route
  }

  /** Whose its sessions, tasks and events on this route are. Most calls have none. */
  get owner(): string {
    this.#owner ??= ownerOf(this.#route, this.principal)
    return this.#owner
  }
}
