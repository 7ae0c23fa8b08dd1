// The secret of an authorization server whose operator gave none: made once and kept beside the data, readable by
// its owner only (A50: never a constant, never one that everybody has).
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { createFile } from '../../lib/whole-file.ts'

const SECRET_BYTES = 32
const OTHERS = 0o077

/** What everything in the data is sealed with. Throws when the kept one cannot be used. */
export function dataSecret({
  cookieSecret,
  data,
}: Pick<AuthorizationServerSettings, 'data' | 'cookieSecret'>): Buffer {
  if (cookieSecret !== undefined) return Buffer.from(cookieSecret.reveal())
  if (isPostgresUrl(data)) throw new Error(`data at a server needs authorization_server.cookie_secret`)
  return storedSecret(data)
}

/** @param data path of the database; throws when the kept secret is readable by others, damaged, or lost */
export function storedSecret(data: string): Buffer {
  const file = `${data}.key`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const kept = readSecret(file)
  if (kept === undefined && isDatabase(data)) {
    const cure = `put back ${file}, or the \`cookie_secret\` that was in the file then; or name other \`data\``
    throw new Error(`the key that ${data} was sealed with is not here: ${cure}`)
  }
  return kept ?? makeSecret(file)
}

function isDatabase(file: string): boolean {
  return existsSync(file) && readFileSync(file, 'latin1').startsWith('SQLite format 3')
}

function readSecret(file: string): Buffer | undefined {
  const status = statSync(file, { throwIfNoEntry: false })
  if (status === undefined) return undefined
  if ((status.mode & OTHERS) !== 0) throw new Error(`others may read ${file}; chmod 600 it`)
  const secret = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url')
  if (secret.length !== SECRET_BYTES) throw new Error(`${file} is damaged; restore it from a copy`)
  return secret
}

/** Two starts at once agree on one secret. */
function makeSecret(file: string): Buffer {
  createFile(file, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`)
  return readSecret(file) as Buffer
}
