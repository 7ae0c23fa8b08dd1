// Whether only those may write the configuration who may run programs as the gateway anyway: its own user and root. A file
// with `command` decides what is run.
import { realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { getgid, getuid } from 'node:process'

const GROUP_WRITES = 0o020
const OTHERS_WRITE = 0o002
/** In such a folder (/tmp) nobody but its owner removes or renames what is another's. */
const STICKY = 0o1000

/** Why others could write the file, or put another in its place; undefined when they cannot. A link counts at both ends. */
export function writersOf(file: string): string | undefined {
  if (getuid === undefined) return undefined // no such owners and modes here
  const real = realpathSync(file)
  for (const path of [real, ...foldersAbove(real), ...foldersAbove(resolve(file))]) {
    const why = writers(path)
    if (why !== undefined) return why
  }
  return undefined
}

function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...foldersAbove(folder)]
}

function writers(path: string): string | undefined {
  const status = statSync(path)
  const { uid, gid, mode } = status
  const own = getuid?.()
  if (uid !== 0 && uid !== own)
    return `${path} belongs to another user; chown it to the user of the gateway, or root`
  if (status.isDirectory() && (mode & STICKY) !== 0) return undefined
  if ((mode & OTHERS_WRITE) !== 0) return `everyone on this machine may write ${path}; chmod o-w`
  // Many systems give each user a group of its own, in which nobody else is.
  const isPrivateGroup = gid === getgid?.() && gid === own
  return (mode & GROUP_WRITES) !== 0 && !isPrivateGroup && gid !== 0
    ? `the group of ${path} may write it; chmod g-w`
    : undefined
}
