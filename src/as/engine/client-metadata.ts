// What a client says about itself, when it registers (RFC 7591) and in its metadata document: put right where real
// clients are sloppy (DCR-03), refused where it matters (A36), and cut down to what is open here. The answer to a
// registration shows what was kept (RFC 7591 §3.2.1); it is an error only where nothing is left.

import type { Resources } from '../contract.ts'
import { isNative, redirectUriFault } from './redirect-uris.ts'

export type ClientMetadata = Readonly<Record<string, unknown>>

export type ClientMetadataReading =
  | { readonly ok: true; readonly metadata: ClientMetadata }
  | { readonly ok: false; readonly error: string; readonly description: string }

/** The member for the scopes that a client named at registration: they are told back, and never a limit (AS-08). */
export const NAMED_SCOPE = 'portcullis_scope'

const ACCEPTED_MEMBERS = [
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
const USUAL_GRANTS = ['authorization_code', 'refresh_token'] as const
/** Links for people: one that leads nowhere is left out. */
const LINKS = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri']
const MAX_REDIRECT_URIS = 20
const MAX_NAME_CHARACTERS = 200
/** A31: a certificate in a key in a set is the deepest that anybody needs. */
const MAX_LEVELS = 8

export interface ReadingOptions {
  readonly resources: Resources
  /** Where no grant type is left that is for strangers: a document means the usual ones, a registration is refused. */
  readonly lenientGrants: boolean
  /** Schemes of programs on the person's device, beside https and loopback. */
  readonly redirectSchemes: readonly string[]
}

export function readClientMetadata(sent: ClientMetadata, options: ReadingOptions): ClientMetadataReading {
  if (isDeep(sent, MAX_LEVELS)) return no('it is nested too deep')
  if (isSaid(sent['software_statement'])) return no(...STATEMENT)
  const metadata = acceptedMembers(sent)
  const uris = metadata['redirect_uris'] ?? []
  if (!Array.isArray(uris) || uris.length > MAX_REDIRECT_URIS) return no('redirect_uris is not a short list')
  const faults = uris.map((uri) => redirectUriFault(uri, options.redirectSchemes))
  const good = uris.filter((_uri, index) => faults[index] === undefined)
  if (good.length === 0 && uris.length > 0)
    return no(`a redirect address ${faults[0]}`, 'invalid_redirect_uri')
  const grants = readGrantTypes(metadata['grant_types'], options.lenientGrants)
  if (grants === undefined) return no('grant_types has none that is open to registration')
  const codes = grants.includes('authorization_code')
  if (codes && good.length === 0) return no('redirect_uris is empty', 'invalid_redirect_uri')
  Object.assign(metadata, {
    grant_types: grants,
    ...(metadata['redirect_uris'] === undefined ? {} : { redirect_uris: good }),
    application_type: isNative(good) ? 'native' : 'web',
    ...responseTypes(metadata['response_types'], codes),
    ...namedScope(sent['scope'], options.resources),
  })
  return { ok: true, metadata }
}

/** The accepted members of what a client sent, without the empty ones. */
function acceptedMembers(sent: ClientMetadata): Record<string, unknown> {
  const members = ACCEPTED_MEMBERS.map((name) => [name, sent[name]] as const)
  const metadata: Record<string, unknown> = Object.fromEntries(members.filter(([, value]) => isSaid(value)))
  for (const name of LINKS) if (!isLink(metadata[name])) delete metadata[name]
  if (typeof metadata['client_name'] === 'string')
    metadata['client_name'] = metadata['client_name'].slice(0, MAX_NAME_CHARACTERS)
  if (metadata['token_endpoint_auth_method'] !== 'private_key_jwt') {
    for (const name of KEY_MEMBERS) delete metadata[name]
  }
  return metadata
}

const KEY_MEMBERS = ['jwks', 'jwks_uri', 'token_endpoint_auth_signing_alg']

function isLink(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeep(member, levels - 1))
}

/** DCR-03: several clients send `""` for what they do not have. */
function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function namedScope(scope: unknown, resources: Resources): ClientMetadata {
  if (typeof scope !== 'string' || scope === '') return {}
  return { [NAMED_SCOPE]: resources.scopesFor(undefined, scope).join(' ') }
}

/**
 * Absent means a client that stays connected: some do not know that they have to ask for a refresh token, and people
 * would have to sign in every hour. Undefined when none of the grant types is open to registration.
 */
function readGrantTypes(sent: unknown, lenient: boolean): string[] | undefined {
  if (sent === undefined) return [...USUAL_GRANTS]
  if (!Array.isArray(sent)) return undefined
  const open = sent.filter((name): name is string => GRANT_TYPES.has(name))
  if (open.length > 0) return open
  return lenient ? [...USUAL_GRANTS] : undefined
}

/** `code` is what is left of a longer list; a list without it goes on, to be refused. */
function responseTypes(sent: unknown, codes: boolean): ClientMetadata {
  if (!codes) return { response_types: [] }
  return Array.isArray(sent) && sent.includes('code') ? { response_types: ['code'] } : {}
}

/**
 * How a client proves itself: what it says; else the strongest of its list that is known here, where a key means that it
 * names its keys. Undefined when it says nothing.
 */
export function authMethodOf(sent: ClientMetadata, known: readonly string[]): unknown {
  const said = sent['token_endpoint_auth_method']
  const list = sent['token_endpoint_auth_methods_supported']
  if (isSaid(said) || !Array.isArray(list)) return said
  const hasKeys = isSaid(sent['jwks']) || isSaid(sent['jwks_uri'])
  return known.find((method) => list.includes(method) && (method !== 'private_key_jwt' || hasKeys))
}

function no(description: string, error = 'invalid_client_metadata'): ClientMetadataReading {
  return { ok: false, error, description }
}
