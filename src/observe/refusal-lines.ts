// Refusals of requests that are no calls, such as a sign-in: each is a line of the audit, up to 60 a minute from one
// network. More are counted, and the count is one line, so that nobody fills the disk.
import type { AuditEvent } from '../core/audit-event.ts'
import { networkOf } from '../core/network.ts'

export interface RefusalLines {
  tell(event: AuditEvent): void
  /** Writes the counts whose minute is over. */
  settle(): void
  /** Writes all counts. */
  close(): void
}

export interface RefusalLinesOptions {
  readonly write: (event: AuditEvent) => void
  /** Epoch milliseconds. */
  readonly now: () => number
}

const MAX_LINES_A_MINUTE = 60
const WINDOW_MS = 60_000
const MAX_NETWORKS = 10_000
const SETTLE_MS = 5_000

interface Window {
  readonly endsAt: number
  written: number
  untold: number
}

export function createRefusalLines({ write, now }: RefusalLinesOptions): RefusalLines {
  const windows = new Map<string, Window>()
  const end = (network: string, { untold }: Window) => {
    windows.delete(network)
    if (untold === 0) return
    const detail = `${untold} more refusals within a minute, from ${network}`
    write({ event: 'refusals_counted', actor: 'server', detail })
  }
  const endThose = (isOver: (window: Window) => boolean) => {
    for (const [network, window] of windows) if (isOver(window)) end(network, window)
  }
  const windowOf = (network: string): Window => {
    const known = windows.get(network)
    if (known !== undefined && known.endsAt > now()) return known
    if (known !== undefined) end(network, known)
    const [oldest] = windows
    if (windows.size >= MAX_NETWORKS && oldest !== undefined) end(...oldest)
    const fresh = { endsAt: now() + WINDOW_MS, written: 0, untold: 0 }
    windows.set(network, fresh)
    return fresh
  }
  const settle = () => endThose(({ endsAt }) => endsAt <= now())
  const timer = setInterval(settle, SETTLE_MS).unref()
  return {
    tell(event) {
      if (!isRefusal(event)) return write(event)
      const window = windowOf(networkOf(event.address ?? ''))
      if (window.written >= MAX_LINES_A_MINUTE) window.untold += 1
      else {
        window.written += 1
        write(event)
      }
    },
    settle,
    close() {
      clearInterval(timer)
      endThose(() => true)
    },
  }
}

function isRefusal({ event }: AuditEvent): boolean {
  return event === 'refused' || event.endsWith('_refused')
}
