// Calls at a steady pace, each due at its own time, over kept connections to the balancer. Each carries a nonce that its
// answer must repeat.
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { echo, textOf } from '../calls.ts'
import type { Stage } from '../stage.ts'

/** A call without an answer after so long has failed. */
const LIMIT_MS = 20_000
/** Callers in rotation. */
const SUBJECTS = 50

export interface Load {
  readonly over: boolean
  calls: number
  /** What came instead of an answer, and how often. */
  readonly failures: Map<string, number>
  readonly latenciesMs: number[]
}

/** Until the load is over and the last call is answered. The pace rises evenly while it is warming up. */
export async function keepThePace(
  stage: Stage,
  perSecond: number,
  warmUpMs: number,
  load: Load,
): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  const url = stage.url('light')
  const tokens = Array.from({ length: SUBJECTS }, (_, n) => stage.token('light', `caller-${n}`))
  const open = new Set<Promise<void>>()
  const begun = performance.now()
  while (!load.over) {
    const due = begun + dueAfterMs(load.calls, perSecond / 1_000, warmUpMs)
    const early = due - performance.now()
    if (early > 1) await pause(early)
    const token = tokens[load.calls % SUBJECTS] ?? ''
    load.calls += 1
    const one: Promise<void> = call(agent, url, token).then((failure) => {
      open.delete(one)
      load.latenciesMs.push(performance.now() - due)
      if (failure !== undefined) load.failures.set(failure, (load.failures.get(failure) ?? 0) + 1)
    })
    open.add(one)
  }
  await Promise.all(open)
  agent.destroy()
}

/** In the warm-up half as many come as at full pace. */
function dueAfterMs(nth: number, perMs: number, warmUpMs: number): number {
  const few = (perMs * warmUpMs) / 2
  return nth < few ? Math.sqrt((2 * warmUpMs * nth) / perMs) : warmUpMs + (nth - few) / perMs
}

/** Undefined where it was answered as it should. */
function call(agent: Agent, url: string, token: string): Promise<string | undefined> {
  const nonce = randomUUID()
  const { body, headers } = echo(nonce)
  const payload = JSON.stringify(body)
  const sent = {
    ...{ ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    'content-length': String(Buffer.byteLength(payload)),
  }
  return new Promise((resolve) => {
    const late = setTimeout(() => outgoing.destroy(new Error('no answer in time')), LIMIT_MS)
    const outgoing = request(url, { method: 'POST', agent, headers: sent }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('error', (error) => resolve(error.message))
      incoming.on('end', () => {
        const status = incoming.statusCode ?? 0
        if (status === 200 && textOf({ status, text, headers: {} }) === nonce) resolve(undefined)
        else resolve(`${status} ${text.replace(/\s+/g, ' ').slice(0, 150)}`)
      })
    })
    outgoing.on('close', () => clearTimeout(late))
    outgoing.on('error', (error: Error & { readonly code?: string }) => resolve(error.code ?? error.message))
    outgoing.end(payload)
  })
}
