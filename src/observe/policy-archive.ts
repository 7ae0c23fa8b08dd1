// Keeps each policy that was loaded, in a file named by its digest, so that a line of the audit can be explained by the
// policy that judged it. Several processes may keep the same one.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { contentDigest } from '../lib/content-digest.ts'
import { unwritablePath } from '../lib/unwritable-path.ts'
import { replaceFile } from '../lib/whole-file.ts'
import type { Logger } from './log.ts'

/** A policy with the text that it can be judged by again. */
export interface ArchivedPolicy {
  readonly digest: string
  readonly text: () => string
}

export interface PolicyArchive {
  /** Throws where it cannot be kept and must be; else the log says so. A policy that is kept already costs nothing. */
  keep(policy: ArchivedPolicy): void
  /** The same for a policy that comes while the gateway serves: it never throws. */
  keepLater(policy: ArchivedPolicy): void
}

export interface PolicyArchiveOptions {
  /** Absolute; made where it is not there. Undefined: nothing is kept. */
  readonly directory: string | undefined
  readonly required: boolean
  readonly log: Pick<Logger, 'error'>
  /** How many are kept; some more than there are routes. */
  readonly most?: number
}

/** Then those go that were loaded longest ago. */
const MAX_KEPT_POLICIES = 100_000
/** So many of them at once, since all have to be looked at. */
const GOING_SHARE = 0.1
const KEY = 'audit.policies'
const NAME = /^([0-9a-f]{64})\.json$/

/** Throws where the directory cannot be used and must be. */
export function createPolicyArchive(options: PolicyArchiveOptions): PolicyArchive {
  const { directory, required, log, most = MAX_KEPT_POLICIES } = options
  if (directory === undefined) return { keep() {}, keepLater() {} }
  let count: number | undefined
  const write = ({ digest, text }: ArchivedPolicy) => {
    count ??= openDirectory(directory)
    if (touch(join(directory, nameOf(digest)))) return
    replaceFile(join(directory, nameOf(digest)), text())
    count += 1
    if (count > most) count = removeOldest(directory, most)
  }
  const keep = (policy: ArchivedPolicy, mayThrow: boolean) => {
    try {
      write(policy)
    } catch (error) {
      const words = unwritablePath(KEY, directory, error)
      if (mayThrow) throw new Error(words, { cause: error })
      log.error({ event: 'policy_not_kept', policy: policy.digest }, words)
    }
  }
  return { keep: (policy) => keep(policy, required), keepLater: (policy) => keep(policy, false) }
}

/** A kept policy, or why there is none: it is not there, or its text is not the one that has this digest. */
export type ReadArchived =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'absent' | 'changed' | 'unreadable' }

export function readArchivedPolicy(directory: string, digest: string): ReadArchived {
  const name = nameOf(digest)
  if (!NAME.test(name)) return { ok: false, why: 'absent' }
  try {
    const text = readFileSync(join(directory, name), 'utf8')
    return contentDigest(text) === digest ? { ok: true, text } : { ok: false, why: 'changed' }
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { ok: false, why: isAbsent ? 'absent' : 'unreadable' }
  }
}

function nameOf(digest: string): string {
  return `${digest}.json`
}

/** Returns how many are in it. */
function openDirectory(directory: string): number {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return policiesIn(directory).length
}

function policiesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => NAME.test(name))
}

/** Marks a policy as loaded now. False where it is not kept yet. */
function touch(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false
  try {
    const now = new Date()
    utimesSync(file, now, now)
  } catch {
    // of another user, or in a place that is read only
  }
  return true
}

/** Returns how many are left. */
function removeOldest(directory: string, most: number): number {
  const loaded = policiesIn(directory).map((name) => {
    const file = join(directory, name)
    return { file, at: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }
  })
  loaded.sort((one, other) => one.at - other.at)
  const going = loaded.slice(0, Math.max(0, loaded.length - Math.ceil(most * (1 - GOING_SHARE))))
  for (const { file } of going) rmSync(file, { force: true })
  return loaded.length - going.length
}

/** Nobody ever sees a part of the file, also not after a loss of power. */
