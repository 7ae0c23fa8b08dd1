// The private keys of assertions, in one file: a JWK Set (RFC 7517 §5) with the times of each key (`nbf`, `exp`). Several
// processes may use it at one time: whoever writes holds its lock, and puts a whole file in place of the one before.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AssertionAlgorithm } from '../core/settings-upstream-auth.ts'
import { lockFile } from '../lib/file-lock.ts'
import { hasMembers, type JsonMembers, membersOf, parseJson } from '../lib/json.ts'
import { readPrivateFile } from '../lib/private-file.ts'
import { writing } from '../lib/unwritable-path.ts'
import { createFile, replaceFile } from '../lib/whole-file.ts'

export interface AssertionKey {
  readonly kid: string
  readonly algorithm: AssertionAlgorithm
  readonly key: KeyObject
  /** It signs from then on, until a later one does. Epoch seconds. */
  readonly signsFrom: number
  /** It is published until then; undefined: until another key follows it. Epoch seconds. */
  readonly publishedUntil: number | undefined
}

const SETTING = 'assertions.keys'

export function makeAssertionKey(algorithm: AssertionAlgorithm, signsFrom: number): AssertionKey {
  const { privateKey: key } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')
  return { kid: randomBytes(12).toString('base64url'), algorithm, key, signsFrom, publishedUntil: undefined }
}

/** In the order in which they sign. Undefined where the file is not there. Throws a sentence for a file without keys. */
export function readKeyFile(file: string): readonly AssertionKey[] | undefined {
  const text = readPrivateFile(SETTING, file)
  if (text === undefined) return undefined
  const { keys } = membersOf(parseJson(text)) ?? {}
  const read = Array.isArray(keys) ? keys.map(keyOf) : []
  if (read.length === 0 || !read.every((key) => key !== undefined))
    throw new Error(
      `${SETTING}: ${file} holds no keys of assertions; name another file, and it is made there`,
    )
  return read.toSorted((a, b) => a.signsFrom - b.signsFrom)
}

/** Puts the first key there. Where another process was faster, its key is the first one. */
export function makeKeyFile(file: string, first: AssertionKey): readonly AssertionKey[] {
  const isMade = writing(SETTING, file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    return createFile(file, textOf([first]))
  })
  return isMade ? [first] : (readKeyFile(file) ?? makeKeyFile(file, first))
}

/**
 * Writes what `change` makes of the keys that are there; undefined changes nothing. Throws where the file cannot be written.
 * @returns undefined while another process writes
 */
export function changeKeyFile(
  file: string,
  change: (keys: readonly AssertionKey[]) => readonly AssertionKey[] | undefined,
): readonly AssertionKey[] | undefined {
  const unlock = writing(SETTING, file, () => {
    accessSync(dirname(file), constants.W_OK)
    return lockFile(`${file}.lock`)
  })
  try {
    const keys = unlock && readKeyFile(file)
    const changed = keys && change(keys)
    if (changed === undefined) return keys
    writing(SETTING, file, () => replaceFile(file, textOf(changed)))
    return changed
  } finally {
    unlock?.()
  }
}

function textOf(keys: readonly AssertionKey[]): string {
  return `${JSON.stringify({ keys: keys.map(storedKey) }, undefined, 2)}\n`
}

function storedKey({ key, signsFrom, publishedUntil, ...names }: AssertionKey): object {
  const { kid, algorithm: alg } = names
  return { ...key.export({ format: 'jwk' }), kid, alg, use: 'sig', nbf: signsFrom, exp: publishedUntil }
}

function keyOf(stored: unknown): AssertionKey | undefined {
  if (!hasMembers(stored)) return undefined
  const { kid, alg, nbf, exp } = stored
  const algorithm = algorithmOf(stored)
  if (typeof kid !== 'string' || kid === '' || algorithm === undefined || algorithm !== alg) return undefined
  if (!Number.isSafeInteger(nbf) || !(exp === undefined || Number.isSafeInteger(exp))) return undefined
  try {
    const key = createPrivateKey({ key: stored, format: 'jwk' })
    return { kid, algorithm, key, signsFrom: nbf as number, publishedUntil: exp as number | undefined }
  } catch {
    return undefined // SECURITY: what OpenSSL says of it stays here
  }
}

function algorithmOf({ kty, crv }: JsonMembers): AssertionAlgorithm | undefined {
  if (kty === 'EC' && crv === 'P-256') return 'ES256'
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined
}

/** RFC 7517, without the private half. */
export function publicJwk({ key, kid, algorithm: alg }: AssertionKey): object {
  return { ...createPublicKey(key).export({ format: 'jwk' }), kid, alg, use: 'sig' }
}
