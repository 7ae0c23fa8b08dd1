// Calls under way of the revisions in which leaving does not cancel (LEG-10). When a client cancels a call and then
// leaves, the connection to its upstream ends: a server without sessions sees no other sign of it. A cancelled call
// whose client stays is left to its server.
import type { Call } from '../core/call.ts'
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

  /**
   * Returns undefined for a call that nobody can cancel. A caller without a token cannot cancel without a session
   * either, since strangers may share an address.
   */
  enter(call: AllowedCall): CancellableCall | undefined {
    const { message, caller, session } = call
    const isOwn = caller.principal !== undefined || session !== undefined
    if (!isOwn || message.era === 'modern' || !message.calls.some(isRequest)) return undefined
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

  /** Cancels the calls that this message names, for their own caller only. */
  cancel({ caller, message, session, endpoint }: AllowedCall): void {
    for (const { cancels } of message.calls) {
      if (cancels === undefined) continue
      for (const each of this.#byCaller.get(caller.key) ?? []) {
        const { call } = each
        const isThere = call.endpoint.route.name === endpoint.route.name && call.session === session
        if (isThere && call.message.calls.some((asked) => isNamed(asked, cancels))) each.endWhenLeft()
      }
    }
  }
}

const isRequest = ({ kind }: Call): boolean => kind === 'request'

function isNamed(asked: Call, cancelled: string): boolean {
  return isRequest(asked) && asked.id !== undefined && isSameId(asked.id, cancelled)
}
