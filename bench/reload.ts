// 20 reloads of the configuration at 500 requests a second, without one failed request. Each reload allows one
// more tool, and the next waits until that tool answers, so that a reload which did nothing is a failure too.
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { type Caller, createCaller } from './caller.ts'
import { startMockUpstream } from './mock-upstream.ts'
import type { Program } from './program.ts'
import { createScene, type Scene } from './scene.ts'
import { auditFile, startGatewayProgram, writeGatewayConfig } from './subjects/gateway.ts'

const RELOADS = 20
const RATE_PER_SECOND = 500
const TICK_MS = 10
const TOKENS = 100
const MIN_GAP_MS = 400
const EFFECT_LIMIT_MS = 10_000
const POLL_MS = 20
/** A tool that every configuration allows. */
const STEADY_TOOL = 'list_notes'

interface Tally {
  sent: number
  readonly failures: Map<string, number>
}

process.exitCode = await main()

async function main(): Promise<number> {
  const scene = await createScene('reload', TOKENS)
  const upstream = await startMockUpstream(0)
  const adminPort = await freePort()
  const gateway = await startGatewayProgram(scene, upstream.port, { adminPort, moreTools: ['tool_0'] })
  const caller = createCaller(scene.resource)
  const tally: Tally = { sent: 0, failures: new Map() }
  const stopLoad = startLoad(scene, caller, tally)
  try {
    const took = await reloadAll(scene, gateway, caller, (tools) =>
      writeGatewayConfig(scene, upstream.port, adminPort, { moreTools: tools }),
    )
    await stopLoad()
    return report(tally, took)
  } finally {
    await stopLoad()
    caller.close()
    await gateway.stop()
    upstream.close()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
}

/** Sends in an open loop: a slow answer does not slow the next request down. */
function startLoad(scene: Scene, caller: Caller, tally: Tally): () => Promise<void> {
  const open = new Set<Promise<void>>()
  const begun = performance.now()
  const send = (): void => {
    const token = scene.tokens[tally.sent % scene.tokens.length] ?? ''
    tally.sent++
    const call = caller.callTool(STEADY_TOOL, token).then((outcome) => {
      open.delete(call)
      if (outcome !== 200) count(tally.failures, String(outcome))
    })
    open.add(call)
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1_000) * RATE_PER_SECOND
    while (tally.sent < due) send()
  }, TICK_MS)
  return async () => {
    clearInterval(timer)
    await Promise.all(open)
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** The milliseconds that each reload took to have an effect; undefined for one that had none in time. */
async function reloadAll(
  scene: Scene,
  gateway: Program,
  caller: Caller,
  write: (tools: readonly string[]) => void,
): Promise<readonly (number | undefined)[]> {
  const took: (number | undefined)[] = []
  for (let n = 1; n <= RELOADS; n++) {
    await pause(MIN_GAP_MS)
    const begun = performance.now()
    write([`tool_${n}`])
    gateway.child.kill('SIGHUP')
    const worked = await untilAllowed(caller, `tool_${n}`, scene.tokens[0] ?? '', begun + EFFECT_LIMIT_MS)
    took.push(worked ? performance.now() - begun : undefined)
  }
  return took
}

async function untilAllowed(caller: Caller, tool: string, token: string, deadline: number): Promise<boolean> {
  while (performance.now() < deadline) {
    if ((await caller.callTool(tool, token)) === 200) return true
    await pause(POLL_MS)
  }
  return false
}

function report(tally: Tally, took: readonly (number | undefined)[]): number {
  const idle = took.filter((ms) => ms === undefined).length
  const slowest = Math.max(...took.map((ms) => ms ?? EFFECT_LIMIT_MS))
  const failed = [...tally.failures.values()].reduce((sum, times) => sum + times, 0)
  console.log(`${RELOADS} reloads, ${tally.sent} requests at ${RATE_PER_SECOND}/s`)
  console.log(`slowest reload took effect after ${slowest.toFixed(0)} ms`)
  for (const [outcome, times] of tally.failures) console.log(`  ${times} × ${outcome}`)
  const good = failed === 0 && idle === 0
  console.log(`${good ? 'pass' : 'FAIL'}  ${failed} failed requests, ${idle} reloads without effect`)
  return good ? 0 : 1
}
