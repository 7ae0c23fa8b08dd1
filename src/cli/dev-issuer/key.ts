// The signing key of the local development issuer, kept in one file so that tokens outlive a restart.
// Not for production: no rotation, no passphrase, one ES256 key.
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import { makeSigningKey, SIGNING_ALGORITHM, type SigningKey } from '../../as/store/keys.ts'
import { membersOf, parseJson } from '../../lib/json.ts'

export type LoadedKey =
  | { readonly ok: true; readonly key: SigningKey; readonly created: boolean }
  | { readonly ok: false; readonly message: string }

/** Reads the key file, or creates it (mode 0600, its folder 0700) when there is none. */
export async function loadOrCreateKey(file: string): Promise<LoadedKey> {
  const existing = await readExisting(file)
  if (existing !== undefined) return existing
  const key = await makeSigningKey()
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // `wx`: two processes that start together agree on the first one's key.
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(`${JSON.stringify(key.jwk)}\n`)
    await handle.close()
  } catch (error) {
    const winner = codeOf(error) === 'EEXIST' ? await readExisting(file) : undefined
    return winner ?? { ok: false, message: `cannot write the key file ${file} (${codeOf(error)})` }
  }
  return { ok: true, key, created: true }
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

/** Throws when it is no key of P-256. */
async function keyFrom({ x = '', y = '', d = '' }: JWK): Promise<SigningKey> {
  const jwk: JWK = { kty: 'EC', crv: 'P-256', x, y, d, use: 'sig', alg: SIGNING_ALGORITHM }
  await importJWK(jwk, SIGNING_ALGORITHM)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, jwk: { ...jwk, kid } }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
