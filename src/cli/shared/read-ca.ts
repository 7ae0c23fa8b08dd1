// `--ca FILE`: certificate authorities to trust instead of the usual ones, for commands that ask a server without a file of
// the gateway. In gateway.yaml the key `ca` says the same.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Io } from './command.ts'

export type ReadCa =
  | { readonly ok: true; readonly value: string | undefined; readonly path: string | undefined }
  | { readonly ok: false; readonly message: string }

export function readCa(file: string | undefined, { cwd }: Io): ReadCa {
  if (file === undefined) return { ok: true, value: undefined, path: undefined }
  try {
    const path = resolve(cwd, file)
    const pem = readFileSync(path, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return { ok: true, value: pem, path }
    return { ok: false, message: `--ca: ${file} holds no certificate in PEM` }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return { ok: false, message: `--ca: cannot read ${file} (${code})` }
  }
}
