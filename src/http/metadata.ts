// The protected resource metadata documents (RFC 9728) and where they stand. Each is built when it is first asked for, and anew
// when the scopes of a policy that is kept elsewhere change; nothing of a request goes into them.

export interface ProtectedResource {
  /** What people are told that it is called. */
  readonly name: string
  readonly policyUri?: string | undefined
  readonly termsUri?: string | undefined
  /** Origin of the public URL. */
  readonly origin: string
  /** Path of the route, without a trailing slash. */
  readonly path: string
  readonly authorizationServers: readonly string[]
  /** The baseline, and what the route names beside it. */
  readonly signInScopes: readonly string[]
  /** Those of a policy that is kept elsewhere, the same array while they are the same. */
  readonly remoteScopes?: () => readonly string[]
  readonly dpopAlgorithms: readonly string[]
  readonly dpopRequired: boolean
}

export const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** RFC 9728 §3.1: the well-known part is inserted between host and path. */
export function metadataUrl(origin: string, path: string): string {
  return `${origin}${WELL_KNOWN}${path === '/' ? '' : path}`
}

/** H34, PRM-15: the forms of a route's path that clients type: itself and its twin with a slash. */
export function pathForms(path: string): readonly string[] {
  return path === '/' ? [path] : [path, `${path}/`]
}

/** RFC 9728 §2. Members without a value are left out (§3.2); only what is configured and true is said. */
export function protectedResourceMetadata(resource: ProtectedResource, path: string): string {
  const scopes = [...new Set([...resource.signInScopes, ...(resource.remoteScopes?.() ?? [])])]
  return JSON.stringify({
    resource: `${resource.origin}${path}`, // RFC 9728 §3.3: byte for byte what the client typed
    authorization_servers: resource.authorizationServers,
    ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
    bearer_methods_supported: ['header'],
    resource_name: resource.name,
    ...(resource.policyUri === undefined ? {} : { resource_policy_uri: resource.policyUri }),
    ...(resource.termsUri === undefined ? {} : { resource_tos_uri: resource.termsUri }),
    ...(resource.dpopAlgorithms.length > 0
      ? { dpop_signing_alg_values_supported: resource.dpopAlgorithms }
      : {}),
    ...(resource.dpopRequired ? { dpop_bound_access_tokens_required: true } : {}),
  })
}

export interface MetadataDocuments {
  /** JSON text. */
  get(path: string): string | undefined
}

/**
 * Path → document. Each route has one at its inserted path and at the twin with a slash (PRM-15); the root has
 * one only when there is exactly one route (PRM-14), since it may never name another route's resource.
 */
export function metadataDocuments(resources: readonly ProtectedResource[]): MetadataDocuments {
  const documents = new Map<string, () => string>()
  for (const resource of resources) {
    for (const path of pathForms(resource.path)) {
      documents.set(`${WELL_KNOWN}${path}`, documentOf(resource, path))
    }
  }
  const [only] = resources
  if (only && resources.length === 1) {
    const document = documentOf(only, only.path)
    documents.set(WELL_KNOWN, document).set(`${WELL_KNOWN}/`, document)
  }
  return { get: (path) => documents.get(path)?.() }
}

function documentOf(resource: ProtectedResource, path: string): () => string {
  let text: string | undefined
  let scopes: readonly string[] | undefined
  return () => {
    const now = resource.remoteScopes?.()
    if (text === undefined || now !== scopes) {
      scopes = now
      text = protectedResourceMetadata(resource, path)
    }
    return text
  }
}
