// Whether only those may write the configuration who may run programs as the gateway anyway: its own user and root. A file
// with `command` decides what is run.
import { type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { getgid, getuid } from 'node:process'

const GROUP_WRITES = 0o020
const OTHERS_WRITE = 0o002
/** Who may not remove it may not replace it (a folder such as /tmp). */
const STICKY = 0o1000

/** Why others could write the file, or put another in its place; undefined when they cannot. */
export function writersOf(file: string): string | undefined {
  if (getuid === undefined) return undefined // no such owners and modes here
  const folder = dirname(file)
  return (
    writers(statSync(file), file) ??
    ((statSync(folder).mode & STICKY) === 0 ? writers(statSync(folder), folder) : undefined)
  )
}

function writers({ uid, gid, mode }: Stats, path: string): string | undefined {
  const own = getuid?.()
  if (uid !== 0 && uid !== own)
    return `${path} belongs to another user; chown it to the user of the gateway, or root`
  if ((mode & OTHERS_WRITE) !== 0) return `everyone on this machine may write ${path}; chmod o-w`
  // Many systems give each user a group of its own, in which nobody else is.
  const isPrivateGroup = gid === getgid?.() && gid === own
  return (mode & GROUP_WRITES) !== 0 && !isPrivateGroup && gid !== 0
    ? `the group of ${path} may write it; chmod g-w`
    : undefined
}
