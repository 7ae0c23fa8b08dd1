// Callers of both eras. Each call carries a nonce that its answer must repeat, so that no answer of another can pass.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { legacy } from '../../../test/support/messages.ts'
import { beginSession, call, echo, type Place, textOf } from '../calls.ts'
import { type Answered, type Cut, messageOf } from '../wire.ts'
import { refusalOf, type Work } from './work.ts'

const PAUSE_MS = 25
/** Of a slow call: long enough that a death falls into some. */
const SLOW_MS = 400

/** Calls until the work is over: without a session, and in one that was begun before. */
export async function keepCalling(place: Place, work: Work): Promise<void> {
  const session = await beginSession(place)
  for (let n = 0; !work.over; n += 1) {
    const nonce = randomUUID()
    const sent = n % 2 === 0 ? echo(nonce) : { body: bodyOf(n, nonce), headers: session }
    const fromMs = performance.now()
    const answer = await call(place, sent, { 'x-request-id': nonce })
    const toMs = performance.now()
    const isRight = answer.status === 200 && repeats(answer, nonce)
    work.tries.push({
      ...{ what: 'call' as const, fromMs, toMs, nonce },
      ...(isRight ? { came: 'answered' as const, why: '' } : told(answer)),
    })
    await pause(PAUSE_MS)
  }
}

/** Every fourth is slow. */
function bodyOf(n: number, nonce: string): object {
  const slow = { name: 'wait', arguments: { ms: SLOW_MS } }
  const params = n % 4 === 1 ? slow : { name: 'echo', arguments: { text: nonce } }
  return legacy('tools/call', params, nonce).body
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
