// What the authorization server does beside requests: it removes what is over, and puts on record what commands did.
import type { OnEvent, OnFault } from './events.ts'
import type { Store } from './store/store.ts'
import { createSweep } from './store/sweep.ts'

const SWEEP_MS = 600_000
/** Between two steps of one pass, for the requests that wait. */
const STEP_PAUSE_MS = 20
/** What a command changed acts at once; its record follows within this time. */
const RECORD_MS = 1_000

export interface HousekeepingOptions {
  readonly store: Store
  readonly unusedTtlMs: number
  readonly onEvent: OnEvent
  readonly onFault: OnFault
}

export interface Housekeeping {
  /** Ends when nothing of it is under way any more, and all is on record that can be. */
  close(): Promise<void>
}

export async function startHousekeeping(options: HousekeepingOptions): Promise<Housekeeping> {
  const { store, unusedTtlMs, onEvent, onFault } = options
  const step = createSweep({
    store,
    unusedTtlMs,
    onRemoved: (client) => onEvent({ event: 'client_removed', actor: 'server', client, detail: 'unused' }),
  })
  let nextStep: NodeJS.Timeout | undefined
  let isClosed = false
  const tidy = async () => {
    clearTimeout(nextStep)
    if ((await step()) && !isClosed) nextStep = setTimeout(later.tidy, STEP_PAUSE_MS).unref()
  }
  const record = async () => (await store.outbox.take()).forEach(onEvent)
  const patient = { tidy: patiently(tidy, store, onFault), record: patiently(record, store, onFault) }
  const later = { tidy: () => void patient.tidy(), record: () => void patient.record() }
  await tidy()
  await record()
  const timers = [setInterval(later.tidy, SWEEP_MS), setInterval(later.record, RECORD_MS)]
  for (const timer of timers) timer.unref()
  return {
    async close() {
      isClosed = true
      timers.forEach(clearInterval)
      clearTimeout(nextStep)
      await patient.tidy.underWay()
      await patient.record.underWay()
      await patient.record()
    },
  }
}

interface Patient {
  (): Promise<void>
  /** Resolved when it has ended. */
  underWay(): Promise<void>
}

/**
 * Data that is full, locked or away for a while does not end the process: the log says so once, and it is tried again.
 * Never twice at a time.
 */
function patiently(work: () => Promise<void>, { isFault }: Store, onFault: OnFault): Patient {
  let fails = false
  let running: Promise<void> | undefined
  const attempt = async () => {
    try {
      await work()
      fails = false
    } catch (error) {
      if (!isFault(error)) throw error
      if (!fails) onFault(error)
      fails = true
    } finally {
      running = undefined
    }
  }
  const once = () => {
    running ??= attempt()
    return running
  }
  return Object.assign(once, { underWay: async () => running })
}
