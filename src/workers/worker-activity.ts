// The activity of workers as the primary's console asks for it: each worker by an order, and none is waited for long.
import type { AskedProcess } from '../observe/joint-activity.ts'
import type { WorkerProcess } from './forked-worker.ts'

/** How long a page, or a look of its event stream, waits for a worker. */
const ACTIVITY_MS = 800

export function askedWorker(number: number, worker: WorkerProcess): AskedProcess {
  return {
    name: `worker ${number}`,
    find: (query) => worker.ask({ what: 'calls', query }, ACTIVITY_MS).catch(() => undefined),
    minutes: () => worker.ask({ what: 'minutes' }, ACTIVITY_MS).catch(() => undefined),
  }
}
