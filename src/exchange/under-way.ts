// Calls under way of the revisions in which leaving does not cancel (LEG-10). When a client cancels a call and then
// leaves, the connection to its upstream ends: a server without sessions sees no other sign of it. A cancelled call
// whose client stays is left to its server. Other processes are told of a cancellation whose call is not under way here.
import type { Call } from '../core/call.ts'
import type { CancelledCall } from '../core/shared-state.ts'
import { isSameId } from '../mcp/open-requests.ts'
import type { AllowedCall } from './request-state.ts'

/** One such call. */
class CancellableCall {
  readonly call: AllowedCall
  readonly #over: (each: CancellableCall) => void
  /** Ends the connection to its upstream. */
  #end: (() => void) | undefined
  #cancelled = false

  constructor(call: AllowedCall, over: (each: CancellableCall) => void) {
    this.call = call
    this.#over = over
  }

  sent(abort: () => void): void {
    this.#end = abort
  }

  opened(end: (last: undefined) => void): void {
    this.#end = () => end(undefined)
  }

  release(): void {
    this.#end = undefined
    this.#over(this)
  }

  /** Acts on the first call only, since a caller may cancel again and again. */
  endWhenLeft(): void {
    if (this.#cancelled) return
    this.#cancelled = true
    const { response } = this.call.inbound
    if (response.destroyed) this.#end?.()
    else response.once('close', () => this.#end?.())
  }
}

export class CancellableCalls {
  readonly #byCaller = new Map<string, Set<CancellableCall>>()
  readonly #tellOthers: (cancelled: CancelledCall) => void

  constructor(tellOthers: (cancelled: CancelledCall) => void) {
    this.#tellOthers = tellOthers
  }

  /**
   * Returns undefined for a call that nobody can cancel. A caller without a token cannot cancel without a session
   * either, since strangers may share an address.
   */
  enter(call: AllowedCall): CancellableCall | undefined {
    const { message } = call
    if (!isOwn(call) || message.era === 'modern' || !message.calls.some(isRequest)) return undefined
    const entered = new CancellableCall(call, this.#over)
    const own = this.#byCaller.get(call.caller.key)
    if (own === undefined) this.#byCaller.set(call.caller.key, new Set([entered]))
    else own.add(entered)
    return entered
  }

  readonly #over = (each: CancellableCall): void => {
    const { key } = each.call.caller
    const own = this.#byCaller.get(key)
    own?.delete(each)
    if (own?.size === 0) this.#byCaller.delete(key)
  }

  /** Cancels the calls that a notification names, for their own caller only. */
  cancel(notification: AllowedCall): void {
    const { caller, session, endpoint, message } = notification
    for (const { cancels: id } of message.calls) {
      if (id === undefined) continue
      const cancelled = { route: endpoint.route.name, caller: caller.key, session, id }
      if (!this.end(cancelled) && isOwn(notification)) this.#tellOthers(cancelled)
    }
  }

  /** Ends a cancelled call when its client leaves. Returns whether it is under way here. */
  end({ route, caller, session, id }: CancelledCall): boolean {
    const named = [...(this.#byCaller.get(caller) ?? [])].filter(
      ({ call }) =>
        call.endpoint.route.name === route &&
        call.session === session &&
        call.message.calls.some((asked) => isNamed(asked, id)),
    )
    for (const each of named) each.endWhenLeft()
    return named.length > 0
  }
}

const isOwn = ({ caller, session }: AllowedCall): boolean =>
  caller.principal !== undefined || session !== undefined

const isRequest = ({ kind }: Call): boolean => kind === 'request'

function isNamed(asked: Call, cancelled: string): boolean {
  return isRequest(asked) && asked.id !== undefined && isSameId(asked.id, cancelled)
}
