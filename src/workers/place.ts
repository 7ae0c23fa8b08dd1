// One place among the workers: the process that is in it, and its replacement when it dies.
import type { WorkerStatus } from '../core/readiness.ts'
import { forkWorker, type WorkerEnding, type WorkerPlace, type WorkerProcess } from './forked-worker.ts'
import type { Order } from './orders.ts'
import { createRestarts } from './restarts.ts'

/** How long a start may take. */
const START_MS = 60_000

export interface PlaceOptions extends WorkerPlace {
  readonly worker: number
  /** Starts a process that was made, in its turn: not while a reload is under way. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>
  readonly startOrder: () => Order & { readonly what: 'start' }
  /** Whether a process that dies is to be replaced. */
  readonly isEnding: () => boolean
  readonly onDeath: (death: WorkerDeath) => void
}

export interface WorkerDeath extends WorkerEnding {
  readonly worker: number
  readonly pid: number | undefined
  /** Until the next one is started; undefined where there will be none. */
  readonly nextMs: number | undefined
  readonly isLoop: boolean
}

export interface Place {
  readonly worker: number
  /** The process that serves. */
  serving(): WorkerProcess | undefined
  /** Of the first process; rejects when it cannot start, and then there is none. */
  begin(): Promise<string>
  /** A reload may have mended what it died of: no waiting. */
  forgive(): void
  status(): WorkerStatus
  /** Ends what does not serve yet; resolves when no process is left, which those that serve see to themselves. */
  leave(): Promise<void>
  kill(): void
}

export function createPlace(options: PlaceOptions): Place {
  const { worker, inTurn, startOrder, isEnding, onDeath } = options
  const restarts = createRestarts()
  let inside: WorkerProcess | undefined
  let serves = false
  let servesSince = 0
  let hasBegun = false
  let timer: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()

  const enter = async (): Promise<string> => {
    const entered = forkWorker(options)
    inside = entered
    last = entered.ended.then((ending) => left(entered, ending))
    try {
      const { origin } = await entered.ask(startOrder(), START_MS)
      serves = true
      servesSince = performance.now()
      return origin
    } catch (error) {
      entered.kill()
      await last
      throw error
    }
  }
  const left = ({ pid }: WorkerProcess, ending: WorkerEnding) => {
    inside = undefined
    const wasServing = serves
    serves = false
    if (isEnding() && (!wasServing || ending.how === 'exit code 0')) return // it was told to
    if (!hasBegun) return // who began it is told
    const waitMs = restarts.died(wasServing ? performance.now() - servesSince : 0)
    const nextMs = isEnding() ? undefined : waitMs
    if (nextMs !== undefined) timer = setTimeout(again, nextMs)
    onDeath({ worker, pid, ...ending, nextMs, isLoop: restarts.isLoop })
  }
  const again = () => {
    clearTimeout(timer)
    timer = undefined
    // What kept it from starting is told as its death, and it is tried again.
    void inTurn(async () => {
      if (!isEnding()) await enter()
    }).catch(() => undefined)
  }
  return {
    worker,
    serving: () => (serves ? inside : undefined),
    async begin() {
      const origin = await enter()
      hasBegun = true
      return origin
    },
    forgive() {
      restarts.forgive()
      if (timer !== undefined) again()
    },
    status: () => ({
      worker,
      state: serves ? 'serving' : inside === undefined ? 'waiting' : 'starting',
      ...(inside?.pid === undefined ? {} : { pid: inside.pid }),
      deaths: restarts.deaths,
      ...(restarts.isLoop ? { crash_loop: true as const } : {}),
    }),
    async leave() {
      clearTimeout(timer)
      if (!serves) inside?.kill()
      await last
    },
    kill: () => inside?.kill(),
  }
}
