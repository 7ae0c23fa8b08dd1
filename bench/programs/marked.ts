// Whatever a run has started, found by a word in its environment, which children inherit: also what left its group or lost
// its parent. Linux only.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const NAME = 'PORTCULLIS_BENCH'
const POLL_MS = 50
const PATIENCE_MS = 15_000

/** Why there is nothing to look at here. */
export function missingProc(): string | undefined {
  return existsSync('/proc/self/environ') ? undefined : 'processes are found in /proc, which only Linux has'
}

/** More keys of `upstream`, so that its programs can be found. */
export function markOf(word: string): string {
  return `${NAME}: "${word}"`
}

/** Processes that carry the word and have not ended. */
export function marked(word: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => carries(pid, NAME, word))
}

/** Whether a process has this in its environment. */
export function carries(pid: number, name: string, value: string): boolean {
  return environmentOf(pid).includes(`${name}=${value}\0`)
}

/** Waits until none is there, beside `others`; those that are there in the end. */
export async function noneMarked(word: string, others: readonly number[] = []): Promise<readonly number[]> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const left = marked(word).filter((pid) => !others.includes(pid))
    if (left.length === 0 || performance.now() > until) return left
    await pause(POLL_MS)
  }
}

/** Descriptors of a process that are no TCP connection: what a client keeps open is its own affair. */
export function descriptorsOf(pid: number): readonly string[] {
  const connections = new Set(['tcp', 'tcp6'].flatMap((table) => inodesIn(`/proc/${pid}/net/${table}`)))
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const target = linkOf(`/proc/${pid}/fd/${fd}`)
    return target === undefined || connections.has(target) ? [] : [target]
  })
}

const INODE_FIELD = 9

function inodesIn(table: string): readonly string[] {
  const [, ...lines] = readFileSync(table, 'utf8').trimEnd().split('\n')
  return lines.map((line) => `socket:[${line.trim().split(/\s+/)[INODE_FIELD]}]`)
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined // closed meanwhile
  }
}

/** `NAME=value` with NUL behind each. That of a corpse is empty. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return '' // somebody else's, or gone
  }
}
