// Callers of both eras. Each call carries a nonce that its answer must repeat, so that no answer of another can pass.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { legacy, type Sendable } from '../../../test/support/messages.ts'
import { call, echo, type Place, textOf } from '../calls.ts'
import { type Answered, type Cut, messageOf } from '../wire.ts'
import { refusalOf, type Work } from './work.ts'

const PAUSE_MS = 25
/** Of slow calls, at least and at most: long enough that every death of a worker falls into some. */
const SLOW_MS = [1_000, 3_000] as const

export interface Caller {
  readonly place: Place
  /** The headers of a session that was begun before. */
  readonly session: Readonly<Record<string, string>>
}

/** Calls until the work is over: without a session, and in its own. */
export async function keepCalling({ place, session }: Caller, work: Work): Promise<void> {
  for (let n = 0; !work.over; n += 1) {
    const nonce = randomUUID()
    const params = { name: 'echo', arguments: { text: nonce } }
    const inSession = { body: legacy('tools/call', params, nonce).body, headers: session }
    await callOnce(place, n % 2 === 0 ? echo(nonce) : inSession, nonce, work)
    await pause(PAUSE_MS)
  }
}

/** The same, with calls of which one is always under way. */
export async function keepWaiting({ place, session }: Caller, work: Work): Promise<void> {
  const [least, most] = SLOW_MS
  for (let n = 0; !work.over; n += 1) {
    const nonce = randomUUID()
    const params = { name: 'wait', arguments: { ms: least + ((n * 700) % (most - least)) } }
    const { body } = legacy('tools/call', params, nonce)
    await callOnce(place, { body, headers: session }, nonce, work)
  }
}

async function callOnce(place: Place, sent: Sendable, nonce: string, work: Work): Promise<void> {
  const fromMs = performance.now()
  const answer = await call(place, sent, { 'x-request-id': nonce })
  const isRight = answer.status === 200 && repeats(answer, nonce)
  work.tries.push({
    ...{ what: 'call' as const, fromMs, toMs: performance.now(), nonce },
    ...(isRight ? { came: 'answered' as const, why: '' } : told(answer)),
  })
}

/** In its text, or as its id where the text is always the same. */
function repeats(answer: Answered | Cut, nonce: string): boolean {
  const text = textOf(answer)
  return text === nonce || (text === 'waited' && messageOf(answer.text)['id'] === nonce)
}

/** A stream that had begun has no status to change, so its refusal is a message in it (docs/reasons.md). */
function told(answer: Parameters<typeof refusalOf>[0]): ReturnType<typeof refusalOf> {
  const isToldInStream = answer.status === 200 && /"code":-32603/.test(answer.text)
  return isToldInStream ? { came: 'refused', why: answer.text.slice(0, 200) } : refusalOf(answer)
}
