// Which version of Portcullis a file of data belongs to, read without changing it.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from './migrations.ts'

/** Why this version cannot use the file, since a newer one has changed it; undefined when it can, or has none yet. */
export function newerFileProblem(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return newerProblem(file, seenMigrations(database))
  } finally {
    database.close()
  }
}

export function seenMigrations(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

export function newerProblem(file: string, seen: number): string | undefined {
  if (seen <= MIGRATIONS.length) return undefined
  const versions = `it has step ${seen}, and this version knows ${MIGRATIONS.length}`
  return `${file} was changed by a newer version of Portcullis (${versions}): run that version, or put back a copy from before the upgrade`
}
