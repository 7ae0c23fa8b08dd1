// Calls under way of the revisions in which leaving is not cancelling (LEG-10). A client that cancels one and leaves has
// cancelled it, so its upstream connection ends: a server without sessions can see no other sign of it. A cancelled call
// whose client stays is left to its server.
import type { Call } from '../core/call.ts'
import { isSameId } from '../mcp/open-requests.ts'
import type { AllowedCall } from './request-state.ts'

/** What is held for one of them. */
class CancellableCall {
  readonly call: AllowedCall
  readonly #over: (each: CancellableCall) => void
  /** Ends its upstream connection. */
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

  /** Once: a caller may say it again and again. */
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

  /** Undefined for what nobody can cancel. Strangers may share an address, so without a session they cannot either. */
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

  /** The caller cancels what this message says. */
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
