// What may be killed, and how it comes back: a worker by its primary, the others as a service manager would start them.
import { setTimeout as pause } from 'node:timers/promises'
import { type Replica, wholeAgain } from '../replica.ts'
import type { Stage } from '../stage.ts'
import type { Random } from './random.ts'

/** Of the service manager. */
const RESTART_MS = 100
/** PostgreSQL's own processes see first that their postmaster is gone. */
const DATABASE_RESTART_MS = 1_500

export interface Death {
  readonly what: string
  readonly atMs: number
  /** When everything was whole again. */
  readonly wholeMs: number
}

/** Kills one process at once, and resolves when everything is whole again. Throws where it does not come to that. */
export async function killOne(stage: Stage, random: Random): Promise<Death> {
  const kind = random.pick(['primary', 'worker', 'worker', 'redis', 'postgres'])
  const replica = random.pick(stage.replicas)
  const which = random.next()
  const atMs = performance.now()
  const what = await killers[kind as keyof typeof killers](stage, replica, which)
  await wholeAgain(stage.replicas)
  return { what, atMs, wholeMs: performance.now() }
}

/** A replica that is busy may be late with its answer. */
async function workersOf(replica: Replica): Promise<readonly number[]> {
  for (;;) {
    await wholeAgain([replica])
    const pids = await replica.workers()
    if (pids.length > 0) return pids
  }
}

type Kill = (stage: Stage, replica: Replica, which: number) => Promise<string>

const killers = {
  async primary(_stage, replica) {
    await replica.kill()
    await pause(RESTART_MS)
    await replica.start()
    return `primary of replica ${replica.number}`
  },
  async worker(_stage, replica, which) {
    const pids = await workersOf(replica)
    const at = Math.floor(which * pids.length)
    const pid = pids[at] as number
    process.kill(pid, 'SIGKILL')
    while ((await replica.workers()).includes(pid)) await pause(RESTART_MS)
    return `worker ${at + 1} of replica ${replica.number}`
  },
  async redis({ redis }) {
    await redis.kill()
    await pause(RESTART_MS)
    await redis.start()
    return 'Redis'
  },
  async postgres({ postgres }) {
    await postgres.kill()
    await pause(DATABASE_RESTART_MS)
    await postgres.start()
    return 'PostgreSQL'
  },
} satisfies Record<string, Kill>
