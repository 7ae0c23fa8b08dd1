// Subscriptions to resources: which of several a caller may listen to, and which updates it gets (MCP 2026-07-28,
// subscriptions: the server acknowledges what it agreed to, which may be less than was asked for).
import type { Call, Message } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Circumstances } from '../core/route.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Route } from './route.ts'

const LISTEN = 'subscriptions/listen'

export interface NarrowedSubscription {
  readonly message: Message
  /** The URIs that were left out. */
  readonly withheld: readonly string[]
}

interface SubscribingCall {
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly circumstances: Circumstances
}

/**
 * The subscription without resources that rules deny, where some are left. One for which only scopes are missing stays, so
 * that its client is asked for them.
 */
export function narrowSubscription({
  route,
  principal,
  message,
  circumstances,
}: SubscribingCall): NarrowedSubscription | undefined {
  const [call] = message.calls
  if (call?.method !== LISTEN || call.targets.length < 2) return undefined
  const isDenied = (target: Call['targets'][number]) => {
    const alone = { era: message.era, calls: [{ ...call, targets: [target] }] }
    return route.policy.decide(principal, alone, circumstances).refusal?.reason === 'call_forbidden'
  }
  const denied = new Set(call.targets.filter(isDenied))
  if (denied.size === 0 || denied.size === call.targets.length) return undefined
  const targets = call.targets.filter((target) => !denied.has(target))
  return {
    message: { ...message, calls: [{ ...call, targets }] },
    withheld: [...denied].map(({ name }) => name),
  }
}

export interface UpdateOptions {
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly record: RequestRecord
}

/** Whether an update of this resource may go on: one that was subscribed here, or elsewhere by a caller who may. */
export function showsUpdates({ route, principal, message, record }: UpdateOptions): (uri: string) => boolean {
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
    const circumstances = { now: Date.now(), address: record.address, route: route.name }
    return route.policy.decide(principal, { era, calls: [call] }, circumstances).refusal === undefined
  }
}
