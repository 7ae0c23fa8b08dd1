// What the gateway adds to the time of a call at 200 calls a second, beside HAProxy and nginx: an open loop, so a pause
// is seen by every call that fell into it. What is added is the median less that of the upstream asked directly.
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { median } from './compare.ts'
import { assertCorrect } from './correct.ts'
import { type Figure, record } from './figures.ts'
import { openLoop } from './open-loop.ts'
import type { Program } from './program.ts'
import { createScene, type Scene, TOKEN_COUNT } from './scene.ts'
import { auditFile, startGateway } from './subjects/gateway.ts'
import { startHaproxy } from './subjects/haproxy.ts'
import { startNginxProxy, startUpstream } from './subjects/nginx.ts'

const PACE = { perSecond: 200, seconds: 5 }
/** More than HAProxy adds. */
const MOST_MORE_MS = 0.1
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
process.exitCode = await main(Number(values.rounds))

async function main(rounds: number): Promise<number> {
  const scene = await createScene('latency', TOKEN_COUNT)
  const started: Program[] = []
  try {
    const upstream = await startUpstream(scene)
    started.push(upstream.program)
    const subjects: { readonly name: string; readonly url: string }[] = [
      { name: 'upstream', url: `http://127.0.0.1:${upstream.port}/mcp` },
    ]
    for (const start of [startGateway, startHaproxy, startNginxProxy]) {
      const subject = await start(scene, upstream.port)
      started.push(subject.program)
      await assertCorrect(scene, subject)
      subjects.push(subject)
    }
    return record('latency', figuresOf(await measure(scene, subjects, rounds)))
  } finally {
    for (const program of started.toReversed()) await program.stop()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
}

/** By name, the median of each round; the first is the upstream itself. */
type Rounds = ReadonlyMap<string, readonly number[]>

async function measure(
  scene: Scene,
  subjects: readonly { readonly name: string; readonly url: string }[],
  rounds: number,
): Promise<Rounds> {
  const taken = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  for (const { url } of subjects) await openLoop(url, scene.tokens, PACE) // compiles, and every connection is there
  for (let round = 0; round < rounds; round++) {
    for (const { name, url } of subjects)
      taken.get(name)?.push((await openLoop(url, scene.tokens, PACE)).p50Ms)
  }
  return taken
}

function figuresOf(taken: Rounds): readonly Figure[] {
  const [upstream = [], ours = [], haproxy = [], nginx = []] = [...taken.values()]
  const added = (of: readonly number[]) => median(of.map((ms, round) => ms - (upstream[round] ?? Number.NaN)))
  return [
    {
      what: `added to the median of a call at ${PACE.perSecond}/s, more than HAProxy adds`,
      value: median(ours.map((ms, round) => ms - (haproxy[round] ?? Number.NaN))),
      unit: 'ms',
      limit: MOST_MORE_MS,
      own: { value: added(ours), unit: 'ms' },
      beside: [
        { name: 'HAProxy', value: added(haproxy) },
        { name: 'nginx', value: added(nginx) },
      ],
    },
  ]
}
