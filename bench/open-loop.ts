// Latency at a steady pace, in an open loop: each call has a time at which it is due, and its latency counts from then,
// so a slow answer does not make the next call later, and a pause of the subject is seen by every call that fell into it.
import { Agent, request } from 'node:http'
import { REQUEST_BODY, REQUEST_HEADERS } from './scene.ts'

export interface Pace {
  readonly perSecond: number
  readonly seconds: number
}

export interface Latencies {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly calls: number
}

/** @param tokens in rotation. Throws when one answer is no 200. */
export async function openLoop(
  url: string,
  tokens: readonly string[],
  { perSecond, seconds }: Pace,
  body = REQUEST_BODY,
): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true })
  const taken: number[] = []
  const open: Promise<void>[] = []
  const calls = perSecond * seconds
  const begun = performance.now()
  for (let n = 0; n < calls; n++) {
    const due = begun + (n * 1_000) / perSecond
    await until(due)
    open.push(
      call(agent, url, tokens[n % tokens.length] ?? '', body).then((at) => {
        taken.push(at - due)
      }),
    )
  }
  await Promise.all(open)
  agent.destroy()
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99), calls }
}

/** A timer wakes up to a millisecond late; what is left is waited for by turns of the event loop, which answers need too. */
async function until(due: number): Promise<void> {
  while (performance.now() < due) {
    const left = due - performance.now()
    await new Promise<void>((resolve) => {
      if (left > 2) setTimeout(resolve, left - 2)
      else setImmediate(resolve)
    })
  }
}

/** Resolves to the moment at which the whole answer was there. */
function call(agent: Agent, url: string, token: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...REQUEST_HEADERS,
      authorization: `Bearer ${token}`,
      'content-length': Buffer.byteLength(body),
    }
    const outgoing = request(url, { method: 'POST', agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`))
      answer
        .on('error', reject)
        .on('end', () => resolve(performance.now()))
        .resume()
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
