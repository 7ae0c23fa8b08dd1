// Where a PostgreSQL server is, as its users write it: a URL with the keys of libpq that mean something here. What it
// does not know it refuses, since a key that is overlooked may be the one that asks for TLS.
import { isLoopback, unbracket } from './loopback.ts'

export interface PostgresAddress {
  /** A host, or the folder of a socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  /** Undefined: what PGPASSWORD or ~/.pgpass says. */
  readonly password: string | undefined
  readonly database: string
  /** The schema of our tables. */
  readonly schema: string
  readonly tls: boolean
  /** Path of the authority to trust instead of the usual ones. */
  readonly rootCertificate: string | undefined
  /** For people: without the password. */
  readonly shown: string
}

export type PostgresReading =
  | { readonly ok: true; readonly address: PostgresAddress }
  | { readonly ok: false; readonly problem: string }

const SCHEME = /^postgres(?:ql)?:\/\//i
const KEYS = ['sslmode', 'sslrootcert', 'host', 'schema']
/** Those of libpq that do not fall back to no encryption. With TLS the certificate is always checked, and its name. */
const MODES = ['disable', 'require', 'verify-ca', 'verify-full']
/** Short enough for the name of a channel made of it. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,39}$/
const DEFAULT_PORT = 5_432

export function isPostgresUrl(text: string): boolean {
  return SCHEME.test(text)
}

/** What may stand in a log or an error: a URL without its password, and a path as it is. */
export function shownData(data: string): string {
  if (!isPostgresUrl(data)) return data
  const read = readPostgresUrl(data)
  return read.ok ? read.address.shown : 'postgres://…'
}

export function readPostgresUrl(text: string): PostgresReading {
  const no = (problem: string) => ({ ok: false, problem }) as const
  if (!isPostgresUrl(text) || !URL.canParse(text)) return no(SHAPE)
  const url = new URL(text)
  const keys = url.searchParams
  const twice = [...keys.keys()].find((key) => keys.getAll(key).length > 1)
  if (twice !== undefined) return no(`${twice} stands twice in the URL`)
  const unknown = [...keys.keys()].find((key) => !KEYS.includes(key))
  if (unknown !== undefined) return no(`expected one of the keys ${KEYS.join(', ')}`)
  const parts = [url.username, url.password, url.pathname.slice(1), url.hostname].map(decoded)
  if (parts.includes(undefined)) return no('a % in it must be written as %25')
  const [user = '', password = '', database = '', named = ''] = parts
  const host = keys.get('host') ?? unbracket(named)
  if (host === '' || user === '' || database === '' || database.includes('/')) return no(SHAPE)
  const schema = keys.get('schema') ?? 'portcullis'
  if (!SCHEMA.test(schema))
    return no('expected a schema of up to 40 small letters, digits and _, with no digit first')
  const tls = tlsOf(host, keys)
  if (typeof tls === 'string') return no(tls)
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  const shown = `postgres://${host}:${port}/${database} (schema ${schema})`
  const address = { host, port, user, password: password === '' ? undefined : password, database }
  return { ok: true, address: { ...address, schema, ...tls, shown } }
}

/** Without a word about it, TLS is left out only on this machine. A sentence when it cannot be used. */
function tlsOf(
  host: string,
  keys: URLSearchParams,
): Pick<PostgresAddress, 'tls' | 'rootCertificate'> | string {
  const isHere = host.startsWith('/') || isLoopback(host)
  const rootCertificate = keys.get('sslrootcert') ?? undefined
  const mode = keys.get('sslmode') ?? (isHere && rootCertificate === undefined ? 'disable' : 'verify-full')
  if (mode === 'allow' || mode === 'prefer')
    return `sslmode ${mode} falls back to no encryption; say verify-full, or disable`
  if (!MODES.includes(mode)) return `expected sslmode to be one of ${MODES.join(', ')}`
  if (mode === 'disable' && rootCertificate !== undefined)
    return 'sslrootcert means nothing with sslmode disable'
  return { tls: mode !== 'disable', rootCertificate }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const SHAPE = 'expected postgres://USER:PASSWORD@HOST:5432/DATABASE'
