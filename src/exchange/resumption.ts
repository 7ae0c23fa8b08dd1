// Seals the ids of events, by which a client asks for the rest of a stream (2025-11-25 and before). Servers keep the
// events of all callers in one store, so an id is sealed for its session and caller: nobody else can resume with it
// (S50).
import { valuesOf } from '../core/fields.ts'
import type { Caller } from './caller.ts'
import type { AllowedCall } from './request-state.ts'

/** The characters of an id that a header can bring back. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/** Returns the id for the client in place of the upstream's. It is empty when nothing could be resumed with it. */
export type SealEventId = (id: string) => string

/** Returns undefined for a revision without resumption: there an id means nothing (T26-21). */
export function eventSealer(call: AllowedCall, named: string): SealEventId | undefined {
  const { endpoint, caller, message, session = named } = call
  const { route } = endpoint
  if (message.era === 'modern') return undefined
  if (!route.resumes) return () => ''
  const scope = scopeOf(caller, session)
  return (id) => (VISIBLE_ASCII.test(id) ? route.sealer.seal(scope, id) : undefined) ?? ''
}

/**
 * Returns the upstream's own id of the event after which the client asks for the rest; undefined unless it was sealed
 * for this caller and session.
 */
export function openEventId({
  inbound,
  endpoint,
  caller,
  message,
  session = '',
}: AllowedCall): string | undefined {
  const { route } = endpoint
  if (inbound.method !== 'GET' || message.era === 'modern' || !route.resumes) return undefined
  const [id, another] = valuesOf(inbound.fields, 'last-event-id')
  if (id === undefined || another !== undefined) return undefined
  return route.sealer.open(scopeOf(caller, session), id)?.split(OF_THE_END).at(-1)
}

/** Between the id of a request and that of an event; neither has one. */
const OF_THE_END = ' '

/**
 * The id under which the gateway ends a stream that brought no event to resume from. It asks for what the stream itself was
 * to begin with; for nothing where that was nothing. It is another one each time, since a client of the Go SDK gives a session
 * up when its stream ended six times without a new id.
 */
export function idOfEnd(call: AllowedCall): string {
  const { inbound, endpoint, caller, session = '' } = call
  const from = openEventId(call)
  const place = from && `${inbound.id}${OF_THE_END}${from}`
  return (place && endpoint.route.sealer.seal(scopeOf(caller, session), place)) || inbound.id
}

function scopeOf({ owner }: Caller, session: string): string {
  return JSON.stringify(['event', owner, session])
}
