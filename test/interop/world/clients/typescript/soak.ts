// Mixed use with the official TypeScript SDK: pauses, calls and progress, on one session as long as it lives.
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoLogin } from '../../../../../src/cli/demo/login.ts'
import type { ClientLine, Job } from '../../contract.ts'
import type { Peer } from './peers.ts'

const IDLE_SECONDS = 20

export interface SoakOptions {
  readonly job: Job
  readonly login: DemoLogin | undefined
  /** Opens a session, with a sign-in where that is wanted. */
  readonly connect: () => Promise<Peer>
  /** Whether a session was answered with 404 since the last time. */
  readonly takeLost: () => boolean
  readonly print: (line: ClientLine) => void
}

export async function soak({ job, login, connect, takeLost, print }: SoakOptions): Promise<void> {
  const { seconds, idleSeconds = IDLE_SECONDS } = job.soak ?? { seconds: 0 }
  const until = Date.now() + seconds * 1_000
  let peer: Peer | undefined
  for (let round = 1; Date.now() < until; round++) {
    const why = await attempt(async () => {
      await delay(Math.random() * idleSeconds * 1_000)
      if (login?.wanted === true) await peer?.finishAuth(await login.visit())
      peer ??= await connect()
      await use(peer)
    })
    const lost = takeLost()
    print({ round, ok: why === undefined, ...(why !== undefined && { why }), lost })
    if (!lost) continue
    await peer?.close().catch(() => undefined)
    peer = undefined
  }
  await peer?.close().catch(() => undefined)
}

async function use(peer: Peer): Promise<void> {
  for (const text of ['one', 'two', 'three']) {
    const answer = await peer.call('echo', { text })
    if (answer !== text) throw new Error(`the answer is ${answer}`)
  }
  const steps = 1 + Math.floor(Math.random() * 9)
  let seen = 0
  const onProgress = () => void seen++
  await peer.call('count', { steps, delay_ms: 200 }, { onProgress })
  if (seen !== steps) throw new Error(`saw ${seen} of ${steps} notifications`)
  await peer.tools()
}

async function attempt(work: () => Promise<void>): Promise<string | undefined> {
  return await work().then(
    () => undefined,
    (error: unknown) => String(error),
  )
}
