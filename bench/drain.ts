// SIGTERM while event streams are open: each of them gets its last event, a new connection is not served, and
// the process ends by itself with code 0. A stream that never ends may not hold it beyond the drain time.
import { rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Caller, createCaller } from './caller.ts'
import { ENDLESS_TOOL, EVENT_INTERVAL_MS, STREAMING_TOOL, startMockUpstream } from './mock-upstream.ts'
import type { Program } from './program.ts'
import { createScene, type Scene } from './scene.ts'
import { auditFile, startGatewayProgram } from './subjects/gateway.ts'

const STREAMS = 20
/** Three seconds of events: well inside the drain time. */
const EVENTS = 30
/** After the last stream the process has nothing left to wait for. */
const EXIT_LIMIT_MS = 3_000
/** What the gateway gives its streams after SIGTERM (attack D21), and something for a loaded machine. */
const DRAIN_LIMIT_MS = 30_000 + 3_000
const SETTLE_MS = 300

interface Check {
  readonly what: string
  readonly good: boolean
}

process.exitCode = await main()

async function main(): Promise<number> {
  const scene = await createScene('drain', STREAMS)
  const upstream = await startMockUpstream(EVENTS)
  try {
    const checks = [
      ...(await streamsFinish(scene, upstream.port)),
      ...(await endlessIsCut(scene, upstream.port)),
    ]
    for (const { what, good } of checks) console.log(`${good ? 'pass' : 'FAIL'}  ${what}`)
    return checks.every(({ good }) => good) ? 0 : 1
  } finally {
    upstream.close()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
}

async function streamsFinish(scene: Scene, upstreamPort: number): Promise<readonly Check[]> {
  const gateway = await startGatewayProgram(scene, upstreamPort)
  try {
    const caller = createCaller(scene.resource)
    const streams = await Promise.all(scene.tokens.map((token) => caller.openTool(STREAMING_TOOL, token)))
    const whole = streams.map(readsToResult)
    gateway.child.kill('SIGTERM')
    await pause(SETTLE_MS)
    const late = await lateCall(scene)
    const finished = (await Promise.all(whole)).filter(Boolean).length
    const exit = await within(gateway, EXIT_LIMIT_MS)
    caller.close()
    return [
      {
        what: `${finished} of ${STREAMS} streams got their result after SIGTERM`,
        good: finished === STREAMS,
      },
      { what: `a new connection was not served (${late})`, good: late !== 200 },
      { what: `ended by itself after the last stream (${exit ?? 'still running'})`, good: exit === 0 },
    ]
  } finally {
    await gateway.stop()
  }
}

async function endlessIsCut(scene: Scene, upstreamPort: number): Promise<readonly Check[]> {
  const gateway = await startGatewayProgram(scene, upstreamPort)
  try {
    const caller = createCaller(scene.resource)
    const endless = readsToResult(await caller.openTool(ENDLESS_TOOL, scene.tokens[0] ?? ''))
    const begun = performance.now()
    gateway.child.kill('SIGTERM')
    const exit = await within(gateway, DRAIN_LIMIT_MS)
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
    caller.close()
    await endless
    return [
      { what: `an endless stream was cut after ${seconds} s (${exit ?? 'still running'})`, good: exit === 0 },
    ]
  } finally {
    await gateway.stop()
  }
}

/** Whether the stream brought its result and then ended cleanly. */
async function readsToResult(stream: IncomingMessage): Promise<boolean> {
  let text = ''
  try {
    for await (const chunk of stream.setEncoding('utf8')) text += chunk
  } catch {
    return false // cut off: the answer to the caller's question
  }
  return text.includes('"result"')
}

async function lateCall(scene: Scene): Promise<number | string> {
  const caller: Caller = createCaller(scene.resource)
  const outcome = await caller.callTool('list_notes', scene.tokens[0] ?? '')
  caller.close()
  return outcome
}

function within(gateway: Program, limitMs: number): Promise<number | string | undefined> {
  return Promise.race([gateway.exited, pause(limitMs + EVENT_INTERVAL_MS, undefined, { ref: false })])
}
