// Clients that live while others are killed: each calls in a session as long as that lives, then begins another, and keeps
// what became of each call.
import { setTimeout as pause } from 'node:timers/promises'
import { beginSession, type PlainSession, textOf, toolMessage } from '../../test/support/program/client.ts'
import type { RunPrograms } from '../../test/support/program/run-programs.ts'

export interface Call {
  readonly fromMs: number
  readonly toMs: number
  /** `cut`: the connection ended without an answer. `silent`: nothing came. `wrong`: nothing may explain it. */
  readonly came: 'answered' | 'refused' | 'cut' | 'silent' | 'wrong'
  readonly why: string
}

export interface Calling {
  isOver: boolean
  readonly calls: Call[]
}

/** Longer than any call of these, and than the gateway is away. */
const PATIENCE_MS = 30_000
const AGAIN_MS = 100
/** An error of the gateway in a stream that began. */
const ENDED = 'ended before it answered'
/** The session is over, the program is gone, or it is not started again so soon. */
const PASSING = ['404 ', '502 ', '503 ']

export async function keepCalling(gateway: RunPrograms, subject: string, work: Calling): Promise<void> {
  let session: PlainSession | undefined
  for (let n = 1; !work.isOver; n += 1) {
    session ??= await beginSession(gateway, subject).catch(() => undefined)
    if (session === undefined) await pause(AGAIN_MS)
    else {
      const call = await callOnce(session, `${subject} ${n}`)
      work.calls.push(call)
      if (call.came !== 'answered') session = undefined
    }
  }
  await session?.end()
}

async function callOnce(session: PlainSession, value: string): Promise<Call> {
  const fromMs = performance.now()
  const asked = session.post(toolMessage('mixed', { ms: Math.random() * 500, value })).then(textOf)
  const late = pause(PATIENCE_MS, undefined, { ref: false })
  try {
    const text = await Promise.race([asked, late])
    return { fromMs, toMs: performance.now(), ...judged(text, value) }
  } catch (error) {
    return { fromMs, toMs: performance.now(), came: 'cut', why: String(error) }
  }
}

function judged(text: string | undefined, value: string): Pick<Call, 'came' | 'why'> {
  if (text === value) return { came: 'answered', why: '' }
  if (text === undefined) return { came: 'silent', why: value }
  const isPassing = text.includes(ENDED) || PASSING.some((status) => text.startsWith(status))
  return { came: isPassing ? 'refused' : 'wrong', why: text.slice(0, 200) }
}
