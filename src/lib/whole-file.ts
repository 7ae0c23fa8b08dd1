// Files that are there whole or not at all, also after a power cut and with several processes: each is written under another
// name first, and put in its place then.
import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'

const OWNER_ONLY = 0o600

/** In place of the file that is there, which stays where this throws. */
export function replaceFile(file: string, text: string, mode = OWNER_ONLY): void {
  written(file, text, mode, (draft) => renameSync(draft, file))
}

/** @returns false where a file is there already, which stays. Throws for a link to nothing, which no process could read */
export function createFile(file: string, text: string): boolean {
  try {
    written(file, text, OWNER_ONLY, (draft) => linkSync(draft, file))
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (!existsSync(file)) throw new Error('a link to nothing', { cause: error })
    return false
  }
}

function written(file: string, text: string, mode: number, put: (draft: string) => void): void {
  const draft = `${file}.${randomUUID()}`
  try {
    writeFileSync(draft, text, { mode, flag: 'wx', flush: true })
    put(draft)
  } finally {
    rmSync(draft, { force: true })
  }
}
