// Decides which of several resources a caller may subscribe to, and which updates it gets (MCP 2026-07-28,
// subscriptions: the server acknowledges what it agreed to, which may be less than was asked for).
import type { Call, Message } from '../core/call.ts'
import { type AllowedCall, atPresent, type ReadRequest } from './request-state.ts'

const LISTEN = 'subscriptions/listen'

export interface NarrowedSubscription {
  readonly message: Message
  /** The URIs that were left out. */
  readonly withheld: readonly string[]
}

/**
 * Returns the subscription without the resources that rules deny, where some are left. A resource for which only scopes
 * are missing stays in it, so that its client is asked for them.
 */
export function narrowSubscription(request: ReadRequest): NarrowedSubscription | undefined {
  const { endpoint, caller, message, circumstances } = request
  const [call] = message.calls
  if (call?.method !== LISTEN || call.targets.length < 2) return undefined
  const isDenied = (target: Call['targets'][number]) => {
    const alone = { era: message.era, calls: [{ ...call, targets: [target] }] }
    return (
      endpoint.route.policy.decide(caller.principal, alone, circumstances).refusal?.reason ===
      'call_forbidden'
    )
  }
  const denied = new Set(call.targets.filter(isDenied))
  if (denied.size === 0 || denied.size === call.targets.length) return undefined
  const targets = call.targets.filter((target) => !denied.has(target))
  return {
    message: { ...message, calls: [{ ...call, targets }] },
    withheld: [...denied].map(({ name }) => name),
  }
}

/**
 * Whether an update of a resource may go on: only while the caller may subscribe to the resource, and on a listen
 * request only for the resources of that request.
 */
export function showsUpdates({
  endpoint,
  caller,
  message,
  circumstances,
}: AllowedCall): (uri: string) => boolean {
  const listen = message.calls.find(({ method }) => method === LISTEN)
  const subscribed = listen && new Set(listen.targets.map(({ name }) => name))
  const { era } = message
  const method = era === 'modern' ? LISTEN : 'resources/subscribe'
  return (uri) => {
    if (subscribed !== undefined && !subscribed.has(uri)) return false
    const call: Call = {
      ...{ kind: 'request', id: undefined, method, targets: [{ kind: 'resource', name: uri }] },
      ...{ taskId: undefined, mayCreateTask: false, args: () => undefined },
    }
    const asked = { era, calls: [call] }
    return (
      endpoint.route.policy.decide(caller.principal, asked, atPresent(circumstances)).refusal === undefined
    )
  }
}
