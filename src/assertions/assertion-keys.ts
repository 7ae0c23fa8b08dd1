// The keys that assertions are signed with: read at the start, made where there are none, looked at each minute, so that a
// rotation by another process or a command acts here too.
import { statSync } from 'node:fs'
import type { AssertionKeySettings } from '../core/settings-upstream-auth.ts'
import {
  type AssertionKey,
  changeKeyFile,
  makeAssertionKey,
  makeKeyFile,
  publicJwk,
  readKeyFile,
} from './key-file.ts'
import { publishedAt, signingAt, whenDue } from './rotation.ts'

export interface AssertionKeys {
  /** @param seconds epoch seconds */
  signing(seconds: number): AssertionKey
  /** The JWK Set of all public halves, as JSON. */
  published(): string
  /** Reads the file again where it changed, and rotates when that is due; else each minute. */
  look(): void
  close(): void
}

export interface AssertionKeysOptions {
  readonly settings: AssertionKeySettings
  /** Told once of a file that cannot be read or written any more. The keys that were read go on. */
  readonly report: (problem: string) => void
  /** Epoch milliseconds. */
  readonly now?: () => number
}

const LOOK_MS = 60_000

/** Throws a sentence where there are no keys and none can be made. */
export function openAssertionKeys({ settings, report, now = Date.now }: AssertionKeysOptions): AssertionKeys {
  const { file, algorithm } = settings
  const seconds = () => Math.floor(now() / 1_000)
  let keys = readKeyFile(file) ?? makeKeyFile(file, makeAssertionKey(algorithm, seconds()))
  let seen = versionOf(file)
  let text = setOf(keys, seconds())
  let told: string | undefined
  const read = () => {
    const version = versionOf(file)
    if (version !== seen) keys = readKeyFile(file) ?? keys
    if (whenDue(keys, settings, seconds()) !== undefined)
      keys = changeKeyFile(file, (there) => whenDue(there, settings, seconds())) ?? keys
    seen = versionOf(file)
  }
  const look = () => {
    try {
      read()
      told = undefined
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (problem !== told) report(problem)
      told = problem
    }
    text = setOf(keys, seconds())
  }
  look()
  const timer = setInterval(look, LOOK_MS).unref()
  return {
    signing: (at) => signingAt(keys, at),
    published: () => text,
    look,
    close: () => clearInterval(timer),
  }
}

function setOf(keys: readonly AssertionKey[], seconds: number): string {
  return JSON.stringify({ keys: publishedAt(keys, seconds).map(publicJwk) })
}

/** Changes with the file; empty where it is not there. */
function versionOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`
}
