// What a client says about itself, when it registers (RFC 7591) and in its metadata document: put right where real
// clients are sloppy (DCR-03), refused where it matters (A36), and cut down to what this server uses.

import { isNative, redirectUriFault } from './redirect-uris.ts'
import type { Resources } from './resources.ts'

export type Metadata = Readonly<Record<string, unknown>>

export type MetadataReading =
  | { readonly ok: true; readonly metadata: Metadata }
  | { readonly ok: false; readonly error: string; readonly description: string }

/** Where the scopes that a client named at registration are kept: told back, and never a limit (AS-08). */
export const NAMED_SCOPE = 'portcullis_scope'

const KEPT = [
  ...['client_id', 'client_name', 'client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'redirect_uris'],
  ...['grant_types', 'response_types', 'token_endpoint_auth_method', 'token_endpoint_auth_signing_alg'],
  ...['jwks', 'jwks_uri', 'client_secret', 'dpop_bound_access_tokens', 'software_id', 'software_version'],
]
/** Members that oidc-provider does not know by itself. */
export const EXTRA_MEMBERS: readonly string[] = ['software_id', 'software_version', NAMED_SCOPE]

/** A36, RFC 7591 §2.3: nobody is trusted to make one, and a client that sends one counts on what it says. */
const STATEMENT = ['software statements are not believed here', 'invalid_software_statement'] as const

const GRANT_TYPES: ReadonlySet<unknown> = new Set([
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
])
const MAX_REDIRECT_URIS = 20
const MAX_NAME_CHARACTERS = 200
/** A31: a certificate in a key in a set is the deepest that anybody needs. */
const MAX_LEVELS = 8

export interface ReadingOptions {
  readonly resources: Resources
  /** Grant types that are not for strangers are dropped from a document, and refused at registration. */
  readonly lenientGrants: boolean
}

export function readClientMetadata(sent: Metadata, options: ReadingOptions): MetadataReading {
  if (isDeep(sent, MAX_LEVELS)) return no('it is nested too deep')
  if (isSaid(sent['software_statement'])) return no(...STATEMENT)
  const kept = KEPT.map((name) => [name, sent[name]] as const)
  const metadata: Record<string, unknown> = Object.fromEntries(kept.filter(([, value]) => isSaid(value)))
  const uris = metadata['redirect_uris'] ?? []
  if (!Array.isArray(uris) || uris.length > MAX_REDIRECT_URIS) return no('redirect_uris is not a short list')
  const fault = uris.map(redirectUriFault).find((found) => found !== undefined)
  if (fault !== undefined) return no(`a redirect address ${fault}`, 'invalid_redirect_uri')
  const grants = readGrantTypes(metadata['grant_types'], options.lenientGrants)
  if (grants === undefined) return no('grant_types has one that is not open to registration')
  const codes = grants.includes('authorization_code')
  if (codes && uris.length === 0) return no('redirect_uris is empty', 'invalid_redirect_uri')
  Object.assign(metadata, {
    grant_types: grants,
    application_type: isNative(uris) ? 'native' : 'web',
    ...(codes ? {} : { response_types: [] }),
    ...namedScope(sent['scope'], options.resources),
  })
  if (typeof metadata['client_name'] === 'string')
    metadata['client_name'] = metadata['client_name'].slice(0, MAX_NAME_CHARACTERS)
  if (metadata['token_endpoint_auth_method'] !== 'private_key_jwt') {
    for (const name of KEY_MEMBERS) delete metadata[name]
  }
  return { ok: true, metadata }
}

const KEY_MEMBERS = ['jwks', 'jwks_uri', 'token_endpoint_auth_signing_alg']

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeep(member, levels - 1))
}

/** DCR-03: several clients send `""` for what they do not have. */
function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function namedScope(scope: unknown, resources: Resources): Metadata {
  if (typeof scope !== 'string' || scope === '') return {}
  return { [NAMED_SCOPE]: resources.scopesFor(undefined, scope).join(' ') }
}

/** RFC 7591 §2: absent means authorization_code. Undefined when one of them is not for strangers. */
function readGrantTypes(sent: unknown, lenient: boolean): string[] | undefined {
  if (sent === undefined) return ['authorization_code']
  if (!Array.isArray(sent)) return undefined
  const open = sent.filter((name): name is string => GRANT_TYPES.has(name))
  if (open.length === sent.length || lenient) return open.length > 0 ? open : ['authorization_code']
  return undefined
}

function no(description: string, error = 'invalid_client_metadata'): MetadataReading {
  return { ok: false, error, description }
}
