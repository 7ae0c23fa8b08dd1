// One scalar of the file → its value: `${VAR}` and `file:` where the place allows them. Works on parsed scalars and
// reads each piece once, so a variable's value can never become YAML or name another variable (Y11).
import { Buffer } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isPostgresUrl } from '../lib/postgres-url.ts'
import type { ExpansionSite } from './expansion-sites.ts'

export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The configuration file; relative `file:` paths are relative to its folder. */
  readonly file: string
}

/** `file`: the one that the text names, also where that was what was wrong. */
export type Expanded = { readonly file: string | undefined } & (
  | { readonly ok: true; readonly value: string; readonly literal: boolean }
  | { readonly ok: false; readonly message: string }
)

const MAX_SECRET_FILE_BYTES = 64 * 1024
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** `$${` (an escaped `${`), a whole `${…}`, or a `${` that never ends. */
const TOKEN = /\$\$\{|\$\{([^}]*)\}|\$\{/g

export function expand(text: string, site: ExpansionSite, sources: Sources): Expanded {
  if (site === 'file' || site === 'pem') return namedFile(text, site, sources)
  if (site === 'place' && !text.startsWith('file:'))
    return interpolate(text, isUrl(text) ? 'url' : 'path', sources)
  if ((isHidden(site) || site === 'place') && text.startsWith('file:')) return secretFile(text, sources)
  return interpolate(text, site, sources)
}

/** Whether a place is a URL. A path stays as it is written, whatever it contains. */
function isUrl(text: string): boolean {
  return isPostgresUrl(text) || text.startsWith('${')
}

function interpolate(text: string, site: ExpansionSite, { env }: Sources): Expanded {
  const faults: string[] = []
  let variables = 0
  const value = text.replace(TOKEN, (token, name: string | undefined) => {
    if (token === '$${') return '${'
    variables++
    const found = isVerbatim(site) ? undefined : lookUp(env, name)
    if (found === undefined) faults.push(faultOf(site, name))
    return found ?? ''
  })
  const [fault] = faults
  if (fault !== undefined) return { ok: false, file: undefined, message: fault }
  return { ok: true, value, file: undefined, literal: variables === 0 }
}

/** Y12: an empty variable counts as missing. */
function lookUp(env: Sources['env'], name: string | undefined): string | undefined {
  if (name === undefined || !NAME.test(name) || !Object.hasOwn(env, name)) return undefined
  return env[name] === '' ? undefined : env[name]
}

/** Whether the value is never shown. */
export function isHidden(site: ExpansionSite): boolean {
  return site === 'secret' || site === 'hidden'
}

function isVerbatim(site: ExpansionSite): boolean {
  return site === 'plain' || site === 'path'
}

function faultOf(site: ExpansionSite, name: string | undefined): string {
  if (isVerbatim(site)) {
    return '${…} is only read in secrets and URLs; write $${ for the two characters themselves'
  }
  if (name === undefined || !NAME.test(name)) {
    return 'expected ${NAME} with letters, digits and underscores; defaults and expressions are not supported'
  }
  const instead = isHidden(site) ? ', or use file:/path' : ''
  return `environment variable ${name} is unset or empty; set it${instead}`
}

function pathOf(text: string, { file }: Sources): string | undefined {
  const match = /^file:(?:\/\/(?=\/))?([^\x00]+)$/.exec(text)
  const path = match?.[1]
  return path === undefined || path.startsWith('//') ? undefined : resolve(dirname(file), path)
}

function namedFile(text: string, site: ExpansionSite, sources: Sources): Expanded {
  const path = pathOf(text, sources)
  if (path === undefined) return { ok: false, file: path, message: 'expected file:/path/to/file.pem' }
  const read = readSmallFile(path)
  if (!read.ok) return { ...read, file: path }
  if (!read.text.includes('-----BEGIN '))
    return { ok: false, file: path, message: `${path} is not a PEM file` }
  return { ok: true, value: site === 'pem' ? read.text : path, file: path, literal: false }
}

function secretFile(text: string, sources: Sources): Expanded {
  const path = pathOf(text, sources)
  if (path === undefined) return { ok: false, file: path, message: 'expected file:/path/to/secret' }
  const read = readSmallFile(path)
  if (!read.ok) return { ...read, file: path }
  const value = read.text.replace(/\r?\n$/, '')
  if (value === '')
    return { ok: false, file: path, message: `the file ${path} is empty; write the secret into it` }
  return { ok: true, value, file: path, literal: false }
}

/** Y25: a regular file of at most 64 KiB, read once. */
function readSmallFile(
  path: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string } {
  try {
    const status = statSync(path)
    if (!status.isFile()) return { ok: false, message: `${path} is not a regular file` }
    if (status.size > MAX_SECRET_FILE_BYTES) {
      return { ok: false, message: `${path} is larger than 64 KiB; name the file that holds only the value` }
    }
    const bytes = readFileSync(path)
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return Buffer.byteLength(text) > MAX_SECRET_FILE_BYTES
      ? { ok: false, message: `${path} is larger than 64 KiB` }
      : { ok: true, text }
  } catch (error) {
    return { ok: false, message: `cannot read ${path}: ${reasonOf(error)}` }
  }
}

/** `ENOENT` and its like; never the content. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not UTF-8' : error.code
  }
  return 'unreadable'
}
