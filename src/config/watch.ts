// Tells that one of some files changed, however it was changed: written in place, replaced by an editor's rename, or
// swapped under a symbolic link (Kubernetes). It never reads a file. It asks the system at intervals what each path
// leads to, because change events follow the old file when a name or a link is given to a new one.
import { type Stats, unwatchFile, watchFile } from 'node:fs'

/** How often each file is looked at. */
const INTERVAL_MS = 500
/** How long all of them must have been quiet: writers often need several steps. */
const SETTLE_MS = 250

export interface WatchTiming {
  readonly intervalMs: number
  readonly settleMs: number
}

/** Calls `onChange` once after each burst of changes. A file that is missing counts when it is back. */
export function watchFiles(
  files: readonly string[],
  onChange: () => void,
  { intervalMs, settleMs }: WatchTiming = { intervalMs: INTERVAL_MS, settleMs: SETTLE_MS },
): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  const changed = (now: Stats): void => {
    if (now.nlink === 0) return
    clearTimeout(timer)
    timer = setTimeout(onChange, settleMs).unref()
  }
  const watched = [...new Set(files)]
  for (const file of watched) watchFile(file, { interval: intervalMs, persistent: false }, changed)
  return {
    close() {
      clearTimeout(timer)
      for (const file of watched) unwatchFile(file, changed)
    },
  }
}
