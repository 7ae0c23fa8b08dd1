// Revisions that no SDK begins with any more, by plain requests as their clients sent them: 2025-03-26 knew no
// MCP-Protocol-Version, 2025-06-18 does.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { legacy } from '../../../test/support/messages.ts'
import { openStream } from '../../../test/support/stream.ts'
import { beginSession, call, type Place, textOf } from '../calls.ts'
import type { Line } from '../check.ts'
import { messageOf } from '../wire.ts'

const STEP_LIMIT_MS = 30_000

export const PLAIN_REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25'] as const

/** One of them with a token of a sign-in. */
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
    const late = pause(STEP_LIMIT_MS, false, { ref: false })
    const isGood = await Promise.race([run().catch(() => false), late])
    if (!isGood) failed.push(step)
  }
  const words = failed.length === 0 ? '' : `; failed: ${failed.join(', ')}`
  return {
    what: `${revision} by plain requests: ${Object.keys(steps).join(', ')}${words}`,
    good: words === '',
  }
}

type Headers = Readonly<Record<string, string>>

function withoutVersion({ 'mcp-protocol-version': _, ...headers }: Headers): Headers {
  return headers
}

function bodyOf(name: string, args: object, more: object = {}, id: string | number = randomUUID()): object {
  return legacy('tools/call', { name, arguments: args, ...more }, id).body
}

async function list(place: Place, headers: Headers): Promise<boolean> {
  const { text } = await call(place, { body: legacy('tools/list').body, headers })
  const { result } = messageOf(text) as { result?: { tools?: readonly { name: string }[] } }
  const names = result?.tools?.map(({ name }) => name) ?? []
  return names.includes('echo') && !names.includes('secret')
}

async function echoes(place: Place, headers: Headers): Promise<boolean> {
  const nonce = randomUUID()
  return textOf(await call(place, { body: bodyOf('echo', { text: nonce }), headers })) === nonce
}

async function progresses(place: Place, headers: Headers): Promise<boolean> {
  const more = { _meta: { progressToken: 'steps' } }
  const answer = await call(place, { body: bodyOf('count', { steps: 3, delay_ms: 50 }, more), headers })
  const told = answer.text.split('notifications/progress').length - 1
  return told === 3 && textOf(answer) === 'counted 3'
}

/** By another connection, so mostly at another replica. */
async function cancels(place: Place, headers: Headers): Promise<boolean> {
  const id = randomUUID()
  const from = performance.now()
  const waiting = call(place, { body: bodyOf('wait', { ms: 8_000 }, {}, id), headers })
  await new Promise((resolve) => setTimeout(resolve, 400))
  const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }
  const told = await call(place, { body, headers })
  const isOver = await Promise.race([waiting.then(() => true), echoes(place, headers)])
  return told.status === 202 && isOver && performance.now() - from < 8_000
}

/** The stream of a call is left after its first event; the rest comes by a GET with the id of that. */
async function resumes({ url, token, port }: Place, headers: Headers): Promise<boolean> {
  const own = { ...headers, authorization: `Bearer ${token}` }
  const more = { _meta: { progressToken: 'steps' } }
  const at = new URL(url)
  at.port = String(port)
  const body = bodyOf('count', { steps: 4, delay_ms: 200 }, more)
  const first = await openStream(at.href, { method: 'POST', headers: own, body })
  const seen = await first.until('notifications/progress')
  first.leave()
  const lastEventId = [...seen.matchAll(/^id: ?(.+)$/gm)].at(-1)?.[1]
  if (lastEventId === undefined) return false
  const rest = await openStream(at.href, {
    headers: { ...own, accept: 'text/event-stream', 'last-event-id': lastEventId },
  })
  const late = setTimeout(() => rest.leave(), 10_000)
  const text = await rest.until('counted 4').finally(() => clearTimeout(late))
  rest.leave()
  return text.includes('counted 4')
}

async function isRefused(place: Place, headers: Headers): Promise<boolean> {
  const { status, headers: told } = await call(place, { body: bodyOf('secret', {}), headers })
  return status === 403 && String(told['www-authenticate']).includes('insufficient_scope')
}
