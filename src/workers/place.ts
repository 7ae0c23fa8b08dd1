// One place among the workers: its present process, and the replacement when that dies.
import type { WorkerStatus } from '../core/readiness.ts'
import { forkWorker, type WorkerEnding, type WorkerPlace, type WorkerProcess } from './forked-worker.ts'
import type { Order } from './orders.ts'
import { createRestarts } from './restart-delay.ts'

/** How long a start may take, in milliseconds. */
const START_MS = 60_000

export interface PlaceOptions extends WorkerPlace {
  readonly worker: number
  /** Runs the start of a process in its turn: not during a reload. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>
  readonly startOrder: () => Order & { readonly what: 'start' }
  /** Whether a process that dies is to be replaced. */
  readonly isEnding: () => boolean
  readonly onDeath: (death: WorkerDeath) => void
}

export interface WorkerDeath extends WorkerEnding {
  readonly worker: number
  readonly pid: number | undefined
  /** Milliseconds until the next process is started; undefined where there will be none. */
  readonly nextMs: number | undefined
  readonly isLoop: boolean
}

export interface Place {
  readonly worker: number
  /** Returns the process that serves. */
  serving(): WorkerProcess | undefined
  /** Starts the first process. Rejects when it cannot start, and then the place stays empty. */
  begin(): Promise<string>
  /** Forgets earlier deaths, so that the next start does not wait: a reload may have removed their cause. */
  forgive(): void
  status(): WorkerStatus
  /**
   * Ends a process that does not serve yet. Resolves when no process is left; one that serves ends by its own drain.
   */
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
    if (isEnding() && (!wasServing || ending.how === 'exit code 0')) return // it ended because it was told to
    if (!hasBegun) return // `begin` reports it
    const waitMs = restarts.died(wasServing ? performance.now() - servesSince : 0)
    const nextMs = isEnding() ? undefined : waitMs
    if (nextMs !== undefined) timer = setTimeout(again, nextMs)
    onDeath({ worker, pid, ...ending, nextMs, isLoop: restarts.isLoop })
  }
  const again = () => {
    clearTimeout(timer)
    timer = undefined
    // A failed start is reported as the death of the process, and tried again.
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
