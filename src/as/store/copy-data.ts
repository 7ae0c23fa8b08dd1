// Moves an installation to another place: every table, as it stood at one moment, in one transaction there. What is sealed
// is sealed anew where the secret is another one; counts under a key of the secret then mean nothing, and stay behind.
import { createSeal } from '../../lib/seal.ts'
import { COPIED_TABLES, type CopiedRow, type CopiedTable, type TableAccess } from './copied-tables.ts'

export interface CopyPlace {
  readonly tables: TableAccess
  readonly secret: Buffer
}

export interface CopiedCount {
  readonly table: string
  readonly rows: number
  /** Rows that mean nothing under another secret. */
  readonly left: number
}

/** Throws when there is something at the target, or a row cannot be opened; nothing was written then. */
export async function copyTables(from: CopyPlace, to: CopyPlace): Promise<readonly CopiedCount[]> {
  if (!(await to.tables.isEmpty())) throw new Error('there is data at the target already; name an empty one')
  const reseal: Reseal = from.secret.equals(to.secret) ? (_table, row) => row : resealing(from, to)
  const counts: CopiedCount[] = []
  for (const table of COPIED_TABLES) {
    let read = 0
    let written = 0
    for await (const rows of from.tables.read(table)) {
      const moved = rows.map((row) => reseal(table, row)).filter((row) => row !== undefined)
      await to.tables.write(table, moved)
      read += rows.length
      written += moved.length
    }
    counts.push({ table: table.name, rows: written, left: read - written })
  }
  await to.tables.commit()
  return counts
}

type Reseal = (table: CopiedTable, row: CopiedRow) => CopiedRow | undefined

function resealing(from: CopyPlace, to: CopyPlace): Reseal {
  const [before, after] = [createSeal(from.secret, 'payload'), createSeal(to.secret, 'payload')]
  return ({ name, sealed, keyed }, row) => {
    if (keyed?.isWholeRow) return undefined
    const changed: Record<string, CopiedRow[string]> = { ...row }
    if (keyed !== undefined) changed[keyed.column] = null
    if (sealed !== undefined) {
      const place = sealed.place(row)
      const opened = before.open(row[sealed.column] as Uint8Array, place)
      if (opened === undefined)
        throw new Error(`a row of ${name} was sealed with another secret; put back the one it was made with`)
      changed[sealed.column] = after.seal(opened, place)
    }
    return changed
  }
}
