// What the first call with a token costs: its signature is checked, its claims are read, its verdict is kept. Beside HAProxy,
// which checks a token each time. In rotation are more tokens than verdicts are kept, so each is forgotten when it comes
// again.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure, type Plan, type Sample } from './compare.ts'
import { assertCorrect } from './correct.ts'
import { CONNECTIONS, type Scene } from './scene.ts'
import { startGateway } from './subjects/gateway.ts'
import { startHaproxy } from './subjects/haproxy.ts'
import type { Subject } from './subjects/subject.ts'

/** The gateway keeps 20,000 verdicts (token/verifier.ts). */
const UNSEEN = 24_000
const UNSEEN_FILE = 'unseen.txt'
const COLD_SECONDS = 2
const WARM_UP_REQUESTS = 60_000
const WARM_UP_LIMIT_SECONDS = 60
const WARM_UP_STEP_SECONDS = 5

export interface FirstCalls {
  /** The gateway's first two seconds, while its code is not compiled yet. */
  readonly cold: readonly Sample[]
  readonly warm: readonly Sample[]
  /** Of the yardstick, in the same rounds as `warm`. */
  readonly beside: readonly Sample[]
}

export async function measureFirstCalls(scene: Scene, upstreamPort: number, plan: Plan): Promise<FirstCalls> {
  const numbers = Array.from({ length: UNSEEN }, (_, n) => n)
  const tokens = await Promise.all(numbers.map((n) => scene.issuer.mint(scene.resource, n)))
  writeFileSync(join(scene.folder, UNSEEN_FILE), `${tokens.join('\n')}\n`)
  const haproxy = await startHaproxy(scene, upstreamPort)
  const gateway = await startGateway(scene, upstreamPort)
  try {
    for (const subject of [gateway, haproxy]) await assertCorrect(scene, subject)
    const [ours, theirs] = [walk(scene, gateway), walk(scene, haproxy)]
    const cold = [await ours(COLD_SECONDS)]
    for (const step of [ours, theirs]) await warm(step)
    const samples = { warm: [] as Sample[], beside: [] as Sample[] }
    for (let round = 0; round < plan.rounds; round++) {
      samples.warm.push(await ours(plan.seconds))
      samples.beside.push(await theirs(plan.seconds))
    }
    return { cold, ...samples }
  } finally {
    await gateway.program.stop()
    await haproxy.program.stop()
  }
}

type Step = (seconds: number) => Promise<Sample>

/** Each step goes on behind the tokens of the last; what was under way at its end is passed over. */
function walk(scene: Scene, subject: Subject): Step {
  let next = 0
  return async (seconds) => {
    const sample = await measure(scene, subject, seconds, UNSEEN_FILE, next)
    next = (next + sample.requests + CONNECTIONS) % UNSEEN
    return sample
  }
}

async function warm(step: Step): Promise<void> {
  let requests = 0
  for (let seconds = 0; requests < WARM_UP_REQUESTS && seconds < WARM_UP_LIMIT_SECONDS; ) {
    requests += (await step(WARM_UP_STEP_SECONDS)).requests
    seconds += WARM_UP_STEP_SECONDS
  }
}
