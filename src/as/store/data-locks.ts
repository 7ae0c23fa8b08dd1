// That one gateway serves from one file. A reload takes the lock again before it gives the first one back, so each is
// counted; workers of one gateway take it once, in the one that keeps house.
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { writing } from '../../lib/unwritable-path.ts'

export interface DataLocks {
  /** Throws when another gateway serves from it. Servers are shared, so they have none. @returns its end */
  take(data: string): () => void
}

interface HeldLock {
  holders: number
  readonly end: () => void
}

const DATA = 'authorization_server.data'

/** @param lockFile undefined when somebody else holds it */
export function createDataLocks(lockFile: (file: string) => (() => void) | undefined): DataLocks {
  const held = new Map<string, HeldLock>()
  const lock = (file: string): HeldLock => {
    const end = writing(DATA, file, () => lockFile(`${file}.lock`))
    if (end === undefined)
      throw new Error(`another gateway serves from ${file}; stop it, or give this one other \`data\``)
    return { holders: 0, end }
  }
  return {
    take(data) {
      if (isPostgresUrl(data)) return () => undefined
      writing(DATA, data, () => mkdirSync(dirname(data), { recursive: true, mode: 0o700 }))
      const file = existsSync(data) ? realpathSync(data) : data // the same file by another name
      const one = held.get(file) ?? lock(file)
      held.set(file, one)
      one.holders += 1
      return () => {
        one.holders -= 1
        if (one.holders > 0) return
        held.delete(file)
        one.end()
      }
    },
  }
}
