// Users and groups of this machine by name or number, as `/etc/passwd` and `/etc/group` have them. Accounts that only a
// directory service knows are named by number.
import { readFileSync } from 'node:fs'

export interface Account {
  readonly uid: number
  readonly gid: number
  readonly home: string | undefined
}

/** Undefined for a name that is not there. A number needs no entry. */
export function findUser(user: string | number, file = '/etc/passwd'): Account | undefined {
  const entry = entryOf(user, file)
  const [, , uid, gid, , home] = entry ?? []
  if (entry !== undefined) return { uid: Number(uid), gid: Number(gid), home }
  return typeof user === 'number' ? { uid: user, gid: user, home: undefined } : undefined
}

/** The number of a group; undefined for a name that is not there. */
export function findGroup(group: string | number, file = '/etc/group'): number | undefined {
  if (typeof group === 'number') return group
  const [, , gid] = entryOf(group, file) ?? []
  return gid === undefined ? undefined : Number(gid)
}

const NAME = 0
const NUMBER = 2

function entryOf(wanted: string | number, file: string): readonly string[] | undefined {
  const at = typeof wanted === 'number' ? NUMBER : NAME
  return linesOf(file)
    .map((line) => line.split(':'))
    .find((fields) => fields[at] === String(wanted))
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
