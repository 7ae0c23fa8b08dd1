// The tables of a file as a whole: for moving them, and for a copy of the file.
import { closeSync, fsyncSync, openSync, unlinkSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { lockFile } from '../../../lib/file-lock.ts'
import { COPIED_AT_ONCE, COPIED_TABLES, type CopiedRow, type TableAccess } from '../copied-tables.ts'
import type { StoreOptions } from '../store.ts'
import { connectTo } from './connection.ts'

const WAIT_MS = 5_000

/** Throws when a gateway serves from it. */
export function openFileTables(file: string, options: StoreOptions): TableAccess {
  const unlock = lockFile(`${file}.lock`)
  if (unlock === undefined) throw new Error(`a gateway serves from ${file}; stop it first`)
  return tablesOf(connectTo(file, options).database, unlock)
}

/** Nobody else works on it meanwhile. @param onClose called when the database is closed */
export function tablesOf(database: DatabaseSync, onClose: () => void): TableAccess {
  database.exec('BEGIN IMMEDIATE')
  return {
    async *read({ name, columns }) {
      let rows: CopiedRow[] = []
      for (const row of database.prepare(`SELECT ${columns.join(', ')} FROM ${name}`).iterate()) {
        rows.push(row as CopiedRow)
        if (rows.length < COPIED_AT_ONCE) continue
        yield rows
        rows = []
      }
      yield rows
    },
    isEmpty: async () =>
      COPIED_TABLES.every(
        ({ name }) => database.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() === undefined,
      ),
    async write({ name, columns }, rows) {
      const places = columns.map(() => '?').join(', ')
      const insert = database.prepare(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${places})`)
      for (const row of rows) insert.run(...columns.map((column) => row[column] ?? null))
    },
    clear: async ({ name }) => Number(database.prepare(`DELETE FROM ${name}`).run().changes),
    commit: async () => database.exec('COMMIT'),
    async close() {
      database.close() // what was not committed is taken back
      onClose()
    },
  }
}

/** A copy of the file as it stands now, also while a gateway serves from it. Throws when there is such a file already. */
export async function backupFile(file: string, target: string): Promise<void> {
  closeSync(openSync(target, 'wx', 0o600))
  try {
    const source = new DatabaseSync(file, { timeout: WAIT_MS })
    try {
      await backup(source, target)
    } finally {
      source.close()
    }
    checkCopy(target)
  } catch (error) {
    unlinkSync(target)
    throw error
  }
}

/** Makes it one whole file without a log beside it, on the disk. Throws when it is damaged. */
export function checkCopy(target: string): void {
  const copy = new DatabaseSync(target)
  try {
    const found = copy.prepare('PRAGMA integrity_check').get()?.['integrity_check']
    if (found !== 'ok') throw new Error(`the copy is damaged: ${String(found)}`)
    copy.exec('PRAGMA journal_mode = DELETE')
  } finally {
    copy.close()
  }
  const handle = openSync(target, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
