// The honest caller: one call every 100 ms on a kept connection, whatever others do. Each answer must be a result, and
// of its own question.
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { World } from './world.ts'

const EVERY_MS = 100
/** Every so many calls the token is checked by introspection, and is one that the gateway has not seen. */
const OPAQUE_EVERY = 5
const GIVE_UP_MS = 20_000

export interface Calls {
  readonly count: number
  /** What went wrong, each in words. */
  readonly failures: readonly string[]
  readonly p50Ms: number
  readonly p99Ms: number
}

let serial = 0

/** @param address it calls from, of the loopback network */
export async function callFor(world: World, address: string, milliseconds: number): Promise<Calls> {
  const agent = new Agent({ keepAlive: true, localAddress: address })
  const until = performance.now() + milliseconds
  const calls: Promise<Outcome>[] = []
  for (let index = 0; performance.now() < until; index += 1) {
    calls.push(call(world, agent, index))
    await pause(EVERY_MS)
  }
  const outcomes = await Promise.all(calls)
  agent.destroy()
  const times = outcomes.map(({ ms }) => ms).sort((one, other) => one - other)
  return {
    count: outcomes.length,
    failures: outcomes.flatMap(({ failure }) => failure ?? []),
    p50Ms: times[Math.floor(times.length / 2)] ?? 0,
    p99Ms: times[Math.ceil(times.length * 0.99) - 1] ?? 0,
  }
}

interface Outcome {
  readonly ms: number
  readonly failure: string | undefined
}

function call(world: World, agent: Agent, index: number): Promise<Outcome> {
  serial += 1
  const isOpaque = index % OPAQUE_EVERY === OPAQUE_EVERY - 1
  const token = isOpaque ? `good.${serial}` : world.honest[serial % world.honest.length]
  const params = { name: 'ask', arguments: {} }
  const body = JSON.stringify({ jsonrpc: '2.0', id: index, method: 'tools/call', params })
  const started = performance.now()
  return new Promise((resolve) => {
    const done = (failure: string | undefined) => resolve({ ms: performance.now() - started, failure })
    const sent = request(
      `${world.origin}/mcp/${isOpaque ? 'o' : 'a'}`,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          authorization: `Bearer ${token}`,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () => done(faultOf(response.statusCode, text, index)))
        response.on('error', (error) => done(`the answer broke: ${error.message}`))
      },
    )
    sent.setTimeout(GIVE_UP_MS, () => sent.destroy(new Error('no answer')))
    sent.on('error', (error) => done(`no answer: ${error.message}`))
    sent.end(body)
  })
}

function faultOf(status: number | undefined, text: string, id: number): string | undefined {
  if (status !== 200) return `${status} ${text.slice(0, 120)}`
  const answer = JSON.parse(text) as { id: unknown; result?: { content: { text: string }[] } }
  const subject = answer.result?.content[0]?.text
  return answer.id === id && subject === 'ada' ? undefined : `somebody else's answer: ${text.slice(0, 120)}`
}
