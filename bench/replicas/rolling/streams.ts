// GET streams of server-everything, which logs a message on each every five seconds. Whoever's stream ends in order takes it
// up again where it ended, by the id of its last event. That server keeps what it logs for a stream that was taken up, and
// sends it at the next time only, with the gateway and without it.
import { setTimeout as pause } from 'node:timers/promises'
import { legacy } from '../../../test/support/messages.ts'
import { type OpenStream, openStream } from '../../../test/support/stream.ts'
import { REPLICA_HEADER } from '../balancer.ts'
import { beginSession, call } from '../calls.ts'
import type { Stage } from '../stage.ts'

const AGAIN_MS = 250
/** A message comes every five seconds. */
const NEWS_MS = 8_000

export interface Listener {
  readonly headers: Readonly<Record<string, string>>
  /** Of each stream, in order: the replica that it came from. */
  readonly replicas: string[]
  stream: OpenStream
  lastEventId: string
  /** Of all its streams. */
  events: number
  /** Of the one that is open now. */
  eventsHere: number
  /** Ends that were not in order, and streams that were not given again. */
  readonly faults: string[]
}

export async function openListener(stage: Stage, subject: string): Promise<Listener> {
  const place = { url: stage.url('everything'), port: stage.port, token: stage.token('everything', subject) }
  const session = await beginSession(place)
  const headers = { ...session, accept: 'text/event-stream', authorization: `Bearer ${place.token}` }
  const stream = await openStream(place.url, { headers })
  const toggle = legacy('tools/call', { name: 'toggle-simulated-logging', arguments: {} })
  const { status, text } = await call(place, { body: toggle.body, headers: session })
  if (stream.status !== 200 || status !== 200)
    throw new Error(`no stream: ${stream.status}, ${status} ${text}`)
  return {
    ...{ headers, stream, lastEventId: '', events: 0, eventsHere: 0, faults: [] },
    replicas: [String(stream.headers[REPLICA_HEADER])],
  }
}

/** Until all is over. */
export async function keepListening(
  listener: Listener,
  url: string,
  all: { readonly over: boolean },
): Promise<void> {
  while (!all.over) {
    const { stream } = listener
    const ended = stream.ended
    let isOpen = true
    void ended.then(() => {
      isOpen = false
    })
    while (isOpen && !all.over) {
      takeEvents(listener)
      await Promise.race([ended, pause(AGAIN_MS)])
    }
    takeEvents(listener)
    if (all.over) return
    if ((await ended) === 'cut') listener.faults.push('a stream was cut')
    await takeUpAgain(listener, url)
  }
}

/** Leaves the stream and asks for the rest: what came meanwhile must be there, and nothing twice. */
export async function catchesUp(listener: Listener, url: string): Promise<boolean> {
  listener.stream.leave()
  const { lastEventId } = listener
  await takeUpAgain(listener, url)
  const late = setTimeout(() => listener.stream.leave(), NEWS_MS)
  await listener.stream.until('id:').catch(() => undefined)
  clearTimeout(late)
  takeEvents(listener)
  listener.stream.leave()
  const { eventsHere, faults } = listener
  const isNew = eventsHere > 0 && listener.lastEventId !== lastEventId
  if (!isNew && faults.length === 0)
    faults.push(eventsHere > 0 ? 'what was had came again' : `nothing came in ${NEWS_MS / 1_000} s`)
  return isNew
}

function takeEvents(listener: Listener): void {
  const ids = [...listener.stream.text().matchAll(/^id: ?(.+)$/gm)].map(([, id = '']) => id)
  listener.events += ids.length - listener.eventsHere
  listener.eventsHere = ids.length
  listener.lastEventId = ids.at(-1) ?? listener.lastEventId
}

async function takeUpAgain(listener: Listener, url: string): Promise<void> {
  const { headers, lastEventId, faults, replicas } = listener
  await pause(AGAIN_MS)
  const resumed = { ...headers, ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }) }
  const stream = await openStream(url, { headers: resumed }).catch((error: unknown) => String(error))
  if (typeof stream === 'string' || stream.status !== 200) {
    const why = typeof stream === 'string' ? stream : `${stream.status}`
    faults.push(`a stream was not given again: ${why}`)
    return await pause(AGAIN_MS)
  }
  replicas.push(String(stream.headers[REPLICA_HEADER]))
  listener.stream = stream
  listener.eventsHere = 0
}
