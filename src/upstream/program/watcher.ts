// The gateway's side of watcher-process.ts: tells it which process groups to end when the gateway is no more. One for all
// programs of a gateway, started with the first of them. When it ends by itself another takes its place and is told all.
import { type ChildProcess, spawn } from 'node:child_process'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'

export interface Watcher {
  /** Called at once after a group was made. */
  watch(group: number): void
  /** Nobody is left in it. */
  forget(group: number): void
  /** Ends it, and with it every group that it watches. */
  close(): void
}

/** Its code beside this file, in the same language. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url).href.replace(/watcher\.([jt]s)$/, 'watcher-process.$1'),
)
/** It holds a list of numbers. */
const FLAGS = ['--max-old-space-size=16', '--max-semi-space-size=1', '--v8-pool-size=0']
const AGAIN_MS = 1_000

/** `onLost`: it ended although nobody asked. */
export function createWatcher(onLost: () => void): Watcher {
  const groups = new Set<number>()
  let child: ChildProcess | undefined
  let isClosed = false
  const say = (text: string) => child?.stdin?.write(text)
  const start = () => {
    const started = spawn(execPath, [...FLAGS, PROGRAM], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
      cwd: '/',
      detached: true, // a signal to the gateway's own group must not end it
    })
    child = started
    const lost = () => {
      if (child !== started || isClosed) return
      child = undefined
      onLost()
      // not at once: it may be that no process can be started now
      setTimeout(() => child === undefined && groups.size > 0 && !isClosed && start(), AGAIN_MS).unref()
    }
    started.once('error', lost)
    started.once('exit', lost)
    started.stdin?.on('error', () => {}) // `exit` says it
    started.unref()
    for (const group of groups) say(`+${group}\n`)
  }
  return {
    watch(group) {
      groups.add(group)
      if (child === undefined) start()
      else say(`+${group}\n`)
    },
    forget(group) {
      if (groups.delete(group)) say(`-${group}\n`)
    },
    close() {
      isClosed = true
      child?.stdin?.end()
      child = undefined
    },
  }
}
