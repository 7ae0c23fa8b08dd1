// Keeps compiled code from one start to the next (node:module, enableCompileCache): a start compiles about a megabyte.
// Whoever can write there can run code as the gateway, so it is a folder that only this user can write, in folders that
// nobody else can exchange; else nothing is kept, and the start takes longer.
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'

export interface CompiledCodeOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Undefined on systems without: nothing is kept there. */
  readonly uid: number | undefined
}

const ONLY_OURS = 0o700
const BY_OTHERS = 0o077
const WRITABLE_BY_OTHERS = 0o022
/** In such a folder nobody moves what is another's. */
const STICKY = 0o1000
const ROOT = 0
/** By then a start is over; a process that is killed later has written what it compiled. */
const WRITTEN_AFTER_MS = 5_000

/** Does nothing where Node was told by NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE. */
export function keepCompiledCode(options: CompiledCodeOptions): void {
  const folder = compiledCodeFolder(options)
  if (folder === undefined) return
  enableCompileCache(folder)
  setTimeout(flushCompileCache, WRITTEN_AFTER_MS).unref()
}

/** The folder, made where it is missing; undefined where none is safe. */
export function compiledCodeFolder({ env, uid }: CompiledCodeOptions): string | undefined {
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined)
    return undefined
  const caches = cachesOf(env)
  if (uid === undefined || caches === undefined) return undefined
  const folder = join(caches, 'portcullis', 'compiled')
  try {
    if (!isSafePath(nearest(folder), uid)) return undefined
    mkdirSync(folder, { recursive: true, mode: ONLY_OURS })
    const real = realpathSync(folder)
    return isOnlyOurs(real, uid) && isSafePath(real, uid) ? real : undefined
  } catch {
    return undefined // read-only, or no such home: the start takes longer
  }
}

/** What systemd gives a service (CacheDirectory=), else the XDG base directory. */
function cachesOf(env: CompiledCodeOptions['env']): string | undefined {
  const home = env['HOME']
  const named = [env['CACHE_DIRECTORY'], env['XDG_CACHE_HOME'], home && join(home, '.cache')]
  return named.find((folder) => folder !== undefined && isAbsolute(folder) && !folder.includes(':'))
}

/** The real path of the folder that stands already. */
function nearest(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return nearest(dirname(folder))
  }
}

function isOnlyOurs(folder: string, uid: number): boolean {
  const status = lstatSync(folder)
  return status.isDirectory() && status.uid === uid && (status.mode & BY_OTHERS) === 0
}

/** Whether only this user and root can replace the folder or one above it. */
function isSafePath(folder: string, uid: number): boolean {
  const { mode, uid: owner } = lstatSync(folder)
  const isKept = (mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0
  if (!isKept || (owner !== uid && owner !== ROOT)) return false
  const parent = dirname(folder)
  return parent === folder || isSafePath(parent, uid)
}
