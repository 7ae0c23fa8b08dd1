// What routes cost: start to the first allowed call, resident memory, and a reload that changes one of them, with one
// route, a thousand and ten thousand. Calls go on during the reload; the longest wait of one is told.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { type Caller, createCaller } from './caller.ts'
import { type Figure, record } from './figures.ts'
import { GATEWAY, startUntilAnswer, untilAllowed } from './first-call.ts'
import { startMockUpstream } from './mock-upstream.ts'
import { memory } from './proc.ts'
import { createScene, ROUTE_PATH, type Scene } from './scene.ts'
import { auditFile } from './subjects/gateway.ts'

const TOOL = 'list_notes'
const LATER_TOOL = 'search_later'
const TARGETS = { moreMiB: 80, moreMs: 800, mostMs: 8_000 }
const { values } = parseArgs({ options: { routes: { type: 'string', default: '1,1000,10000' } } })
process.exitCode = await main(values.routes.split(',').map(Number))

interface Measured {
  readonly routes: number
  readonly startMs: number
  readonly residentMiB: number
  readonly reloadMs: number
  readonly longestMs: number
}

async function main(counts: readonly number[]): Promise<number> {
  const scene = await createScene('routes', 1)
  const upstream = await startMockUpstream(0)
  const adminPort = await freePort()
  const measured: Measured[] = []
  try {
    for (const count of [counts[0] ?? 1, ...counts])
      measured.push(await measure(scene, upstream.port, adminPort, count))
  } finally {
    upstream.close()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
  measured.shift() // it compiled for the others
  return report(measured)
}

async function measure(
  scene: Scene,
  upstreamPort: number,
  adminPort: number,
  routes: number,
): Promise<Measured> {
  const config = join(scene.folder, 'gateway.yaml')
  const [token = ''] = scene.tokens
  const write = (tools: readonly string[]) =>
    writeFileSync(config, fileOf(scene, { upstreamPort, adminPort, routes, tools }))
  write([TOOL])
  const caller = createCaller(scene.resource)
  const started = await startUntilAnswer([...GATEWAY, config], caller, TOOL, token)
  try {
    await pause(1_000)
    const { residentMiB } = memory(started.pid)
    const calls = startCalls(caller, token)
    const begun = performance.now()
    write([TOOL, LATER_TOOL])
    started.child.kill('SIGHUP')
    await untilAllowed(caller, LATER_TOOL, token)
    const reloadMs = performance.now() - begun
    return { routes, startMs: started.ms, residentMiB, reloadMs, longestMs: await calls.stop() }
  } finally {
    caller.close()
    await started.stop()
  }
}

/** One call after the other. */
function startCalls(caller: Caller, token: string) {
  let going = true
  let longest = 0
  const run = async () => {
    while (going) {
      const begun = performance.now()
      await caller.callTool(TOOL, token)
      longest = Math.max(longest, performance.now() - begun)
      await pause(1)
    }
  }
  const done = run()
  return {
    async stop() {
      going = false
      await done
      return longest
    },
  }
}

interface FileParts {
  readonly upstreamPort: number
  readonly adminPort: number
  readonly routes: number
  /** Of the first route. */
  readonly tools: readonly string[]
}

function fileOf(scene: Scene, { upstreamPort, adminPort, routes, tools }: FileParts): string {
  const each = Array.from({ length: routes }, (_, n) => {
    const own = JSON.stringify(n === 0 ? tools : [`tool_${n}`, 'read_*'])
    return `  - name: notes-${n}
    path: ${n === 0 ? ROUTE_PATH : `/notes-${n}/mcp`}
    upstream: http://127.0.0.1:${upstreamPort}/mcp
    issuers: [bench]
    scopes: [notes:read]
    policy: { rules: [{ tools: ["drop_*"], effect: deny }, { tools: ${own}, scopes: [notes:read] }] }
`
  })
  return `public_url: http://127.0.0.1:${scene.gatewayPort}
listen: 127.0.0.1:${scene.gatewayPort}
admin: { listen: 127.0.0.1:${adminPort} }
audit: { file: ${JSON.stringify(auditFile(scene))} }
issuers:
  bench: { issuer: ${scene.issuer.url}, allow_insecure_issuer: true, algorithms: [RS256] }
routes:
${each.join('')}`
}

function report(measured: readonly Measured[]): number {
  const [one] = measured
  for (const { routes, startMs, residentMiB, reloadMs, longestMs } of measured) {
    const cells = [
      `start ${startMs.toFixed(0)} ms`,
      `${residentMiB.toFixed(0)} MiB`,
      `reload of one ${reloadMs.toFixed(0)} ms`,
    ]
    console.log(
      `${String(routes).padStart(6)} routes  ${cells.join(', ')}, longest call meanwhile ${longestMs.toFixed(0)} ms`,
    )
  }
  const { moreMiB, moreMs, mostMs } = TARGETS
  const figures = measured.flatMap(({ routes, startMs, residentMiB, reloadMs }): Figure[] => {
    const name = `${routes.toLocaleString('en')} routes`
    const more = one !== undefined && routes > one.routes && routes <= 1_000
    return [
      more
        ? { what: `${name}: start, more than one`, value: startMs - one.startMs, unit: 'ms', limit: moreMs }
        : {
            what: `${name}: start`,
            value: startMs,
            unit: 'ms',
            ...(routes > 1_000 ? { limit: mostMs } : {}),
          },
      more
        ? {
            what: `${name}: resident, more than one`,
            value: residentMiB - one.residentMiB,
            unit: 'MiB',
            limit: moreMiB,
          }
        : { what: `${name}: resident`, value: residentMiB, unit: 'MiB' },
      { what: `${name}: a reload that changes one`, value: reloadMs, unit: 'ms' },
    ]
  })
  return record('routes', figures)
}
