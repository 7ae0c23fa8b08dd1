// Keeps each policy that was loaded, in a file named by its digest, so that a line of the audit can be explained by the
// policy that judged it. Several processes may keep the same one: a file is written beside its place and put there whole.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentDigest } from '../lib/content-digest.ts'
import { unwritablePath } from '../lib/unwritable-path.ts'
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
}

const KEY = 'audit.policies'
const NAME = /^([0-9a-f]{64})\.json$/

/** Throws where the directory cannot be used and must be. */
export function createPolicyArchive({ directory, required, log }: PolicyArchiveOptions): PolicyArchive {
  if (directory === undefined) return { keep() {}, keepLater() {} }
  let known: Set<string> | undefined
  const write = ({ digest, text }: ArchivedPolicy) => {
    known ??= openDirectory(directory)
    if (known.has(digest)) return
    writeWhole(directory, nameOf(digest), text())
    known.add(digest)
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

function openDirectory(directory: string): Set<string> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return new Set(readdirSync(directory).flatMap((name) => NAME.exec(name)?.[1] ?? []))
}

/** Nobody ever sees a part of the file, also not after a loss of power. */
function writeWhole(directory: string, name: string, text: string): void {
  const beside = join(directory, `.${name}.${randomUUID()}`)
  try {
    writeFileSync(beside, text, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(beside, join(directory, name))
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}
