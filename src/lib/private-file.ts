// Reads a file that holds a key, unless others may read it too.
import { readFileSync, type Stats, statSync } from 'node:fs'
import { getuid } from 'node:process'

const BY_ALL_BUT_OWNER = 0o077
const BY_EVERYONE = 0o007

/** Undefined where the file is not there. Throws a sentence that names it, and begins with the setting. */
export function readPrivateFile(setting: string, file: string): string | undefined {
  try {
    if (isExposed(statSync(file))) throw new Error('others may read it; chmod 600 it, and use a new key')
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${setting}: ${file} cannot be used: ${why}`, { cause: error })
  }
}

/** A file that root gives to a group of the gateway, as Kubernetes mounts a secret, may be read by that group. */
function isExposed({ mode, uid }: Stats): boolean {
  return (mode & (uid === getuid?.() ? BY_ALL_BUT_OWNER : BY_EVERYONE)) !== 0
}
