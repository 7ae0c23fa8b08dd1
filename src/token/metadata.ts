// Finds an issuer's metadata (RFC 8414, or OIDC discovery), refuses a document that is not the issuer's own, and says
// in plain sentences what an operator should fix. It fetches no keys and no tokens.
import type { IssuerSettings } from '../core/settings.ts'
import type { HttpClient } from '../lib/bounded-http.ts'
import type { Json, JsonObject } from '../lib/strict-json.ts'
import { readJsonObject } from '../lib/strict-json.ts'
import { endpointFault, wellKnownUrls } from './issuer-urls.ts'
import type { LoadResult } from './refreshing-value.ts'

export interface IssuerMetadata {
  readonly jwksUri: string | undefined
  readonly introspectionEndpoint: string | undefined
  /** Undefined when absent; MCP clients refuse to go on then (META-04). */
  readonly codeChallengeMethods: readonly string[] | undefined
  /** Undefined when absent. An issuer need not list all (RFC 8414 §2). */
  readonly scopesSupported: readonly string[] | undefined
  /** The document as JSON text, for clients that look for it at our origin (META-06). */
  readonly text: string
}

const MAX_METADATA_BYTES = 262_144

/** Tries each well-known form. The first that answers with JSON decides, and must name our issuer exactly. */
export async function loadIssuerMetadata(
  settings: IssuerSettings,
  httpClient: HttpClient,
): Promise<LoadResult<IssuerMetadata>> {
  const fault = endpointFault(settings.issuer, settings.allowInsecureIssuer)
  if (fault !== undefined) return { ok: false, why: `the issuer URL ${fault}` }
  let why = ''
  const { metadata } = settings.overrides ?? {}
  for (const url of metadata === undefined ? wellKnownUrls(settings.issuer) : [metadata]) {
    const outcome = await httpClient.ask({
      url,
      method: 'GET',
      headers: { accept: 'application/json' },
      maxBytes: MAX_METADATA_BYTES,
    })
    if (!outcome.ok) return { ok: false, why: `metadata cannot be fetched (${outcome.why})` }
    const document = outcome.answer.status === 200 ? readJsonObject(outcome.answer.body) : undefined
    if (document !== undefined) return readMetadata(document, settings)
    why ||= `no metadata (${new URL(url).pathname} answered ${outcome.answer.status} without a JSON object)`
  }
  return { ok: false, why }
}

/** RFC 8414 §3.3: the document must name the issuer that was asked for, byte for byte (J54, META-03). */
function readMetadata(document: JsonObject, settings: IssuerSettings): LoadResult<IssuerMetadata> {
  const named = document['issuer']
  if (named !== settings.issuer) {
    const found = typeof named === 'string' ? `\`${named.slice(0, 200)}\`` : 'no issuer'
    const why = `its metadata names ${found}; write exactly that under \`issuer:\` if it is the server you mean`
    return { ok: false, why }
  }
  const endpoints = {
    jwks_uri: document['jwks_uri'],
    introspection_endpoint: document['introspection_endpoint'],
  }
  for (const [name, value] of Object.entries(endpoints)) {
    if (value === undefined) continue
    const fault =
      typeof value === 'string' ? endpointFault(value, settings.allowInsecureIssuer) : 'is not a string'
    if (fault !== undefined) return { ok: false, why: `${name} in its metadata ${fault}` }
  }
  return {
    ok: true,
    value: {
      jwksUri: endpoints.jwks_uri as string | undefined,
      introspectionEndpoint: endpoints.introspection_endpoint as string | undefined,
      codeChallengeMethods: textsIn(document['code_challenge_methods_supported']),
      scopesSupported: textsIn(document['scopes_supported']),
      text: JSON.stringify(document),
    },
  }
}

function textsIn(value: Json | undefined): readonly string[] | undefined {
  return Array.isArray(value)
    ? (value as readonly Json[]).filter((item): item is string => typeof item === 'string')
    : undefined
}
