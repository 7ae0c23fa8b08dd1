// The signing key of the local development issuer, kept in one file so that tokens outlive a restart.
// Not for production: no rotation, no passphrase, one ES256 key.
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { membersOf, parseJson } from '../../lib/json.ts'

export const KEY_ALGORITHM = 'ES256'

export interface DevKey {
  readonly id: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  /** Public members only, with `kid`, `alg` and `use`: what the JWKS shows. */
  readonly publicJwk: JWK
}

export type LoadedKey =
  | { readonly ok: true; readonly key: DevKey; readonly created: boolean }
  | { readonly ok: false; readonly message: string }

/** Reads the key file, or creates it (mode 0600, its folder 0700) when there is none. */
export async function loadOrCreateKey(file: string): Promise<LoadedKey> {
  const existing = await readExisting(file)
  if (existing !== undefined) return existing
  const { privateKey } = await generateKeyPair(KEY_ALGORITHM, { extractable: true })
  const jwk = await exportJWK(privateKey)
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // `wx`: two processes that start together agree on the first one's key.
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(`${JSON.stringify(jwk)}\n`)
    await handle.close()
  } catch (error) {
    const winner = codeOf(error) === 'EEXIST' ? await readExisting(file) : undefined
    return winner ?? { ok: false, message: `cannot write the key file ${file} (${codeOf(error)})` }
  }
  return { ok: true, key: await keyFrom(jwk), created: true }
}

async function readExisting(file: string): Promise<LoadedKey | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    return { ok: false, message: `cannot read the key file ${file} (${codeOf(error)})` }
  }
  const jwk = parsePrivateJwk(text)
  if (jwk === undefined) {
    return {
      ok: false,
      message: `${file} does not hold a private ES256 key; delete it and a new one is made`,
    }
  }
  try {
    return { ok: true, key: await keyFrom(jwk), created: false }
  } catch {
    return { ok: false, message: `${file} holds a broken key; delete it and a new one is made` }
  }
}

function parsePrivateJwk(text: string): JWK | undefined {
  const jwk: JWK = membersOf(parseJson(text)) ?? {}
  return jwk.kty === 'EC' && jwk.crv === 'P-256' && typeof jwk.d === 'string' ? jwk : undefined
}

async function keyFrom(jwk: JWK): Promise<DevKey> {
  const { d: _private, ...members } = jwk
  const id = await calculateJwkThumbprint(members)
  // A49: public members only.
  const { kty = '', crv = '', x = '', y = '' } = members
  const publicJwk: JWK = { kty, crv, x, y, kid: id, alg: KEY_ALGORITHM, use: 'sig' }
  const privateKey = (await importJWK(jwk, KEY_ALGORITHM)) as CryptoKey
  const publicKey = (await importJWK(publicJwk, KEY_ALGORITHM)) as CryptoKey
  return { id, privateKey, publicKey, publicJwk }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
