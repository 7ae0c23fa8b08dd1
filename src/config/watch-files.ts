// Tells that one of some files changed, however it was changed: written in place, replaced by an editor's rename, or
// swapped under a symbolic link (Kubernetes). It never reads a file. It asks the system at intervals what each path
// leads to, because change events follow the old file when a name or a link is given to a new one.
import { statSync } from 'node:fs'

/** How often the files are looked at. */
const INTERVAL_MS = 500

/** Calls `onChange` once after each burst of changes. A file that is missing counts when it is back. */
export function watchFiles(
  files: readonly string[],
  onChange: () => void,
  intervalMs: number = INTERVAL_MS,
): { close(): void } {
  let told = look(files, [])
  let seen = told
  const timer = setInterval(() => {
    const now = look(files, seen)
    // Writers often need several steps: only what two looks agree on is told.
    const settled = isSame(now, seen)
    seen = now
    if (!settled || isSame(now, told)) return
    told = now
    onChange()
  }, intervalMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}

/** What each path leads to now; for a missing file, what it led to before. */
function look(files: readonly string[], before: readonly string[]): string[] {
  return files.map((file, index) => markOf(file) ?? before[index] ?? '')
}

function markOf(file: string): string | undefined {
  try {
    const status = statSync(file, { bigint: true })
    return [status.dev, status.ino, status.size, status.mtimeNs, status.ctimeNs].join(' ')
  } catch {
    // Missing, or behind a folder or a link that is just being replaced: it is looked at again.
    return undefined
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.every((mark, index) => mark === b[index])
}
