// A lock that dies with its process, however that ends: SQLite's own, on an empty file. It asks the kernel, so no number of
// a process is kept that could come to mean another one.
import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** SQLITE_BUSY */
const TAKEN = 5

/** Undefined when somebody else holds it. Throws when the file cannot be made. @returns its end */
export function lockFile(file: string): (() => void) | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    chmodSync(file, 0o600)
    database.exec('BEGIN EXCLUSIVE')
    return () => database.close()
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === TAKEN) return undefined
    throw error
  }
}
