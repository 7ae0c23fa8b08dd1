// One writer for each chained audit file: a file beside it names the process. It ends with its process, also after
// `kill -9`: a process that is gone, or whose number another one has now, holds nothing.
import { randomUUID } from 'node:crypto'
import { readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { kill, pid } from 'node:process'
import { type JsonMembers, membersOf, parseJson } from '../../lib/json.ts'
import { writing } from '../../lib/unwritable-path.ts'

export interface FileLock {
  /** Says that the writer lives. */
  touch(): void
  release(): void
}

const LOCK_SUFFIX = '.lock'
/** A writer on another machine that said nothing for so long is gone. */
const LOCK_SILENT_MS = 180_000
/** Tells this process from an earlier one with the same number. */
const SELF = randomUUID()

/** Throws a sentence where somebody else writes the file. */
export function lockAuditFile(file: string): FileLock {
  const path = file + LOCK_SUFFIX
  const holder = JSON.stringify({ pid, started: startOf(pid), host: hostname(), self: SELF })
  if (!take(path, holder)) {
    const why = whyHeld(path)
    if (why !== undefined)
      throw new Error(`audit.file: ${file} is written by ${why}; give each gateway a file of its own`)
    unlinkSync(path)
    if (!take(path, holder))
      throw new Error(`audit.file: ${file} was taken by another gateway at this moment`)
  }
  return {
    touch() {
      try {
        utimesSync(path, new Date(), new Date())
      } catch {
        // somebody removed it: the next start finds no lock, which is what they wanted
      }
    },
    release() {
      if (textOf(path) === holder) unlinkSync(path)
    },
  }
}

/** False where the lock is there already. */
function take(path: string, holder: string): boolean {
  try {
    writeFileSync(path, holder, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    return writing('audit.file', path, () => {
      throw error
    })
  }
}

/** Who holds it; undefined when nobody does any more. */
function whyHeld(path: string): string | undefined {
  const holder: JsonMembers = membersOf(parseJson(textOf(path) ?? '')) ?? {}
  const { pid: other, host, self } = holder
  if (host !== hostname()) {
    const seconds = Math.ceil((statSync(path).mtimeMs + LOCK_SILENT_MS - Date.now()) / 1_000)
    return seconds > 0
      ? `a gateway on ${String(host)}, unless that is gone (then in ${seconds} s, or remove ${path})`
      : undefined
  }
  if (self === SELF) return 'another gateway of this process'
  if (typeof other !== 'number' || other === pid || !isAlive(other)) return undefined
  return startOf(other) === holder['started'] ? `process ${other}` : undefined
}

function isAlive(other: number): boolean {
  try {
    return kill(other, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When the process began, as Linux counts it (proc(5), `starttime`); nothing elsewhere. */
function startOf(other: number): string {
  const status = textOf(`/proc/${other}/stat`) ?? ''
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
