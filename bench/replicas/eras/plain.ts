// Sessions by plain requests, as programs without an SDK send them: 2025-03-26 knew no MCP-Protocol-Version.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { legacy } from '../../../test/support/messages.ts'
import { openStream } from '../../../test/support/stream.ts'
import { beginSession, call, type Place, textOf } from '../calls.ts'
import type { Line } from '../check.ts'
import { messageOf } from '../wire.ts'

const STEP_LIMIT_MS = 30_000
/** Of the call that is cancelled. */
const WAIT_MS = 1_500
/** As the server asks of its clients by `retry`. */
const AGAIN_MS = 200
const REST_LIMIT_MS = 10_000

export async function speakPlainly(place: Place, revision: string): Promise<Line> {
  const failed: string[] = []
  const begun = await beginSession(place, revision, { elicitation: {}, sampling: {} })
  const headers = revision === '2025-03-26' ? withoutVersion(begun) : begun
  const steps = {
    list: () => list(place, headers),
    call: () => echoes(place, headers),
    progress: () => progresses(place, headers),
    cancel: () => cancels(place, headers),
    resume: () => resumes(place, headers),
    'refused without its scope': () => isRefused(place, headers),
  }
  for (const [step, run] of Object.entries(steps)) {
    const late = pause(STEP_LIMIT_MS, `no end after ${STEP_LIMIT_MS} ms`, { ref: false })
    const why = await Promise.race([run().catch(String), late])
    if (why !== undefined) failed.push(`\n          ${step}: ${why.slice(0, 300)}`)
  }
  return {
    what: `${revision} by plain requests: ${Object.keys(steps).join(', ')}${failed.join('')}`,
    good: failed.length === 0,
  }
}

/** Why it is not as it should be; undefined where it is. */
type Fault = string | undefined

type Headers = Readonly<Record<string, string>>

function withoutVersion({ 'mcp-protocol-version': _, ...headers }: Headers): Headers {
  return headers
}

function bodyOf(name: string, args: object, more: object = {}, id: string | number = randomUUID()): object {
  return legacy('tools/call', { name, arguments: args, ...more }, id).body
}

async function list(place: Place, headers: Headers): Promise<Fault> {
  const { status, text } = await call(place, { body: legacy('tools/list').body, headers })
  const { result } = messageOf(text) as { result?: { tools?: readonly { name: string }[] } }
  const names = result?.tools?.map(({ name }) => name) ?? []
  return names.includes('echo') && !names.includes('secret') ? undefined : `${status} with ${names}`
}

async function echoes(place: Place, headers: Headers): Promise<Fault> {
  const nonce = randomUUID()
  const answer = await call(place, { body: bodyOf('echo', { text: nonce }), headers })
  return textOf(answer) === nonce ? undefined : `${answer.status} ${answer.text}`
}

async function progresses(place: Place, headers: Headers): Promise<Fault> {
  const more = { _meta: { progressToken: 'steps' } }
  const answer = await call(place, { body: bodyOf('count', { steps: 3, delay_ms: 50 }, more), headers })
  const told = answer.text.split('notifications/progress').length - 1
  return told === 3 && textOf(answer) === 'counted 3' ? undefined : `${told} told, ${answer.text}`
}

/** By another connection, so mostly at another replica. The server hears of it, and then owes no answer. */
async function cancels(place: Place, headers: Headers): Promise<Fault> {
  const id = randomUUID()
  const waiting = await openCall(place, headers, bodyOf('wait', { ms: WAIT_MS }, {}, id))
  const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }
  const { status } = await call(place, { body, headers })
  const fault = await echoes(place, headers)
  await pause(WAIT_MS)
  waiting.leave()
  if (waiting.text().includes('waited')) return 'it was answered all the same'
  return status === 202 ? fault : `${status}`
}

/** The stream of a call is left after its first event; the rest comes by a GET with the id of that. */
async function resumes(place: Place, headers: Headers): Promise<Fault> {
  const more = { _meta: { progressToken: 'steps' } }
  const first = await openCall(place, headers, bodyOf('count', { steps: 4, delay_ms: 200 }, more))
  const seen = await first.until('notifications/progress')
  first.leave()
  const lastEventId = [...seen.matchAll(/^id: ?(.+)$/gm)].at(-1)?.[1]
  if (lastEventId === undefined) return 'its events have no ids'
  await pause(AGAIN_MS)
  const rest = await openStream(atBalancer(place), {
    headers: {
      ...{ ...headers, authorization: `Bearer ${place.token}`, accept: 'text/event-stream' },
      'last-event-id': lastEventId,
    },
  })
  if (rest.status !== 200) return `${rest.status}`
  const late = setTimeout(() => rest.leave(), REST_LIMIT_MS)
  await rest.until('counted 4').finally(() => clearTimeout(late))
  rest.leave()
  return undefined
}

function openCall(place: Place, headers: Headers, body: object) {
  const sent = { ...headers, authorization: `Bearer ${place.token}` }
  return openStream(atBalancer(place), { method: 'POST', headers: sent, body })
}

function atBalancer({ url, port }: Place): string {
  const at = new URL(url)
  at.port = String(port)
  return at.href
}

async function isRefused(place: Place, headers: Headers): Promise<Fault> {
  const { status, headers: told } = await call(place, { body: bodyOf('secret', {}), headers })
  const challenge = String(told['www-authenticate'])
  return status === 403 && challenge.includes('insufficient_scope') ? undefined : `${status} ${challenge}`
}
