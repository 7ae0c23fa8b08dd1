// Puts a copy in place of a file of data. The copy is made ready beside it, under another name, so that a failure leaves
// everything as it was; what was there is put aside and never removed.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { lockFile } from '../../../lib/file-lock.ts'
import type { TableAccess } from '../copied-tables.ts'
import type { StoreOptions } from '../store.ts'
import { connectTo } from './connection.ts'
import { backupFile, checkCopy, tablesOf } from './file-tables.ts'
import { newerFileProblem } from './file-version.ts'

export interface RestoredFile {
  /** Where the data is now that was there before; undefined when there was none. */
  readonly replaced: string | undefined
  /** People who were disabled in it, and stay so; undefined when it could not be read. */
  readonly disabled: readonly string[] | undefined
}

/** SQLite's log and its index belong to the file beside them, and would spoil another one. */
const PARTS = ['', '-wal', '-shm']

/**
 * @param end works on the copy before it is in place, and commits
 * @throws when a gateway serves from the data, or the copy cannot be used; all is as it was then
 */
export async function restoreFile(
  data: string,
  source: string,
  options: StoreOptions,
  end: (tables: TableAccess) => Promise<void>,
): Promise<RestoredFile> {
  if (!existsSync(source)) throw new Error(`there is no backup at ${source}`)
  const file = existsSync(data) ? realpathSync(data) : data
  if (realpathSync(source) === file)
    throw new Error(`${source} is the data itself; say --in-place to end what was issued in it`)
  refuseUnusable(source)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const unlock = lockFile(`${file}.lock`)
  if (unlock === undefined) throw new Error(`a gateway serves from ${file}; stop it first`)
  const draft = `${file}.restoring`
  try {
    removeParts(draft) // of a restore that was cut off
    await backupFile(source, draft)
    const disabled = disabledIn(file)
    const { database } = connectTo(draft, options)
    const tables = tablesOf(database, () => undefined)
    try {
      keepDisabled(database, disabled ?? [], options.clock.now())
      await end(tables)
    } finally {
      await tables.close()
    }
    checkCopy(draft)
    const replaced = putAside(file, options.clock.now())
    renameSync(draft, file)
    syncFolder(dirname(file))
    return { replaced, disabled }
  } finally {
    removeParts(draft)
    unlock()
  }
}

function refuseUnusable(source: string): void {
  let problem: string | undefined
  try {
    problem = newerFileProblem(source)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${source} is no backup: ${why}`, { cause: error })
  }
  if (problem !== undefined) throw new Error(problem)
}

/** Empty where there is no data. */
function disabledIn(file: string): readonly string[] | undefined {
  if (!existsSync(file)) return []
  try {
    const database = new DatabaseSync(file)
    try {
      const rows = database.prepare('SELECT subject FROM users WHERE disabled_at IS NOT NULL').all()
      return rows.map(({ subject }) => String(subject))
    } finally {
      database.close()
    }
  } catch {
    return undefined // it may be damaged, which is why it is replaced
  }
}

function keepDisabled(database: DatabaseSync, people: readonly string[], now: number): void {
  const disable = database.prepare(
    'UPDATE users SET disabled_at = ? WHERE subject = ? AND disabled_at IS NULL',
  )
  for (const subject of people) disable.run(now, subject)
}

function putAside(file: string, now: number): string | undefined {
  const aside = `${file}.replaced-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}`
  const parts = PARTS.filter((part) => existsSync(file + part))
  if (parts.length === 0) return undefined
  if (existsSync(aside)) throw new Error(`${aside} is there already; try again in a second`)
  for (const part of parts) renameSync(file + part, aside + part)
  return aside
}

function removeParts(file: string): void {
  for (const part of PARTS) rmSync(file + part, { force: true })
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
