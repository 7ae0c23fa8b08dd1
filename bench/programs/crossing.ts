// Callers of one program with equal ids and progress tokens at the same time: whatever comes to one of them is its own, and
// what belongs to no call comes to nobody.
import {
  beginSession,
  messagesIn,
  type PlainSession,
  toolMessage,
} from '../../test/support/program/client.ts'
import { runPrograms } from '../../test/support/program/run-programs.ts'
import { sumOf } from '../../test/support/scrape.ts'
import type { Line } from '../replicas/check.ts'

export interface CrossingOptions {
  readonly callers: number
  /** In each all callers have a call under way, under one id; one of them is cancelled. */
  readonly rounds: number
}

const MOST_MS = 20
/** A call that is cancelled would take so long. */
const LONG_MS = 60_000
const DROPPED = 'portcullis_program_messages_dropped_total'

export async function crossing({ callers, rounds }: CrossingOptions): Promise<readonly Line[]> {
  const gateway = await runPrograms('per: route', { top: 'limits: { share_per_caller: 50% }' })
  try {
    const sessions = await Promise.all(
      Array.from({ length: callers }, (_, n) => beginSession(gateway, `caller-${n}`)),
    )
    const from = performance.now()
    const wrong: string[] = []
    for (let round = 1; round <= rounds; round += 1) {
      const cancelled = round % callers
      const heard = sessions.map((session, n) => callOnce(session, round, n, n === cancelled))
      for (const one of await Promise.all(heard)) if (one !== undefined) wrong.push(one)
    }
    const seconds = (performance.now() - from) / 1_000
    const calls = callers * rounds
    const dropped = (why: string) => gateway.metrics().then((text) => sumOf(text, DROPPED, { why }))
    const [shared, late] = [await dropped('shared'), await dropped('late')]
    const count = calls.toLocaleString('en')
    return [
      {
        what: `${count} calls of ${callers} callers in ${seconds.toFixed(0)} s, ${rounds} of them cancelled: ${wrong.length} heard something else than their own steps and answer${wrong[0] ? `, such as ${wrong[0]}` : ''}`,
        good: wrong.length === 0,
      },
      {
        what: `log messages of these calls that reached nobody, as they belong to none: ${shared} of ${count}`,
        good: shared === calls,
      },
      { what: `answers or progress for nobody: ${late}`, good: late === 0 },
    ]
  } finally {
    await gateway.close()
  }
}

/** What it heard, where that is not exactly its own. */
async function callOnce(session: PlainSession, round: number, n: number, isCancelled: boolean) {
  const value = `of ${n} in ${round}`
  const ms = isCancelled ? LONG_MS : Math.random() * MOST_MS
  const meta = { progressToken: round }
  const answer = await session.post(toolMessage('mixed', { ms, value }, round, meta))
  if (isCancelled) {
    const params = { requestId: round }
    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
  }
  const heard = JSON.stringify(messagesIn(await answer.text()))
  return heard === expected(round, value, isCancelled ? `cancelled ${value}` : value)
    ? undefined
    : `${value}: ${answer.status} ${heard.slice(0, 300)}`
}

function expected(id: number, message: string, text: string): string {
  const step = (progress: number) => ({
    ...{ jsonrpc: '2.0', method: 'notifications/progress' },
    params: { progressToken: id, progress, message },
  })
  const result = { content: [{ type: 'text', text }] }
  return JSON.stringify([step(1), step(2), { jsonrpc: '2.0', id, result }])
}
