// 2024-11-05 over HTTP+SSE: the stream is at one replica, and messages come to whichever has its turn. The server is
// server-everything 2026.8.31 in its old mode.
import { legacy } from '../../../test/support/messages.ts'
import { type OpenStream, openStream } from '../../../test/support/stream.ts'
import { call, type Place } from '../calls.ts'
import type { Line } from '../check.ts'

const LIMIT_MS = 15_000
const REVISION = '2024-11-05'

export async function speakHttpSse(place: Place): Promise<Line> {
  const accept = { accept: 'text/event-stream', authorization: `Bearer ${place.token}` }
  const stream = await openStream(place.url, { headers: accept })
  const late = setTimeout(() => stream.leave(), LIMIT_MS)
  const done: string[] = []
  try {
    const endpoint = /^data: ?(\S+)/m.exec(await stream.until('event: endpoint'))?.[1] ?? ''
    const messages = { ...place, url: new URL(endpoint, place.url).href }
    for (const [step, body, answer] of steps()) {
      const { status } = await call(messages, { body, headers: {} })
      if (status !== 202) throw new Error(`${step}: ${status}`)
      if (answer !== undefined) await stream.until(answer)
      done.push(step)
    }
    return { what: `${REVISION} over HTTP+SSE: ${done.join(', ')}`, good: true }
  } catch (error) {
    return { what: `${REVISION} over HTTP+SSE: ${done.join(', ')}; then ${tail(error, stream)}`, good: false }
  } finally {
    clearTimeout(late)
    stream.leave()
  }
}

/** Each message, and what the stream then says. */
function steps(): readonly (readonly [step: string, body: object, answer: string | undefined])[] {
  const clientInfo = { name: 'replicas', version: '1' }
  const begin = { protocolVersion: REVISION, capabilities: {}, clientInfo }
  const long = {
    name: 'trigger-long-running-operation',
    arguments: { duration: 1, steps: 3 },
    _meta: { progressToken: 'steps' },
  }
  const echo = { name: 'echo', arguments: { message: 'ahoy' } }
  return [
    ['initialize', legacy('initialize', begin, 'begin').body, '"id":"begin"'],
    ['initialized', { jsonrpc: '2.0', method: 'notifications/initialized' }, undefined],
    ['list', legacy('tools/list', {}, 'list').body, '"id":"list"'],
    ['call', legacy('tools/call', echo, 'call').body, 'Echo: ahoy'],
    ['progress', legacy('tools/call', long, 'long').body, '"id":"long"'],
  ]
}

function tail(error: unknown, stream: OpenStream): string {
  return `${String(error).slice(0, 300)} (${stream.status} ${stream.raw().slice(-200)})`
}
