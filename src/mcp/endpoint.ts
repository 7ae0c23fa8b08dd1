// The message endpoint of HTTP+SSE (2024-11-05): turns the `endpoint` event of an upstream into a URI of the gateway
// that only the caller of the stream can use, and back (SSE-02, SSE-03, M63). It speaks no HTTP.
import type { Sealer } from './session-sealer.ts'

const PARAMETER = 'session'

/**
 * Returns the URI to announce instead of `announced`: `<messagesPath>?session=<sealed>`. Returns undefined unless the
 * upstream announced an endpoint of its own origin.
 */
export function toPublicEndpoint(
  announced: string,
  upstreamUrl: string,
  messagesPath: string,
  sealer: Sealer,
  owner: string,
): string | undefined {
  const url = URL.parse(announced, upstreamUrl)
  const own =
    url !== null && url.origin === new URL(upstreamUrl).origin && url.username === '' && url.password === ''
  if (!own || url.origin === 'null') return undefined
  const sealed = sealer.seal(scopeOf(owner), `${url.pathname}${url.search}`)
  return sealed === undefined ? undefined : `${messagesPath}?${PARAMETER}=${sealed}`
}

/**
 * Returns the path and query to POST to at the upstream; undefined when `search` does not name an endpoint of this
 * owner.
 */
export function toUpstreamEndpoint(search: string, sealer: Sealer, owner: string): string | undefined {
  const sealed = new URLSearchParams(search).getAll(PARAMETER)
  return sealed.length === 1 && sealed[0] !== undefined ? sealer.open(scopeOf(owner), sealed[0]) : undefined
}

/** The scope keeps a sealed endpoint from being taken for a session id, and the other way round. */
function scopeOf(owner: string): string {
  return `endpoint ${owner}`
}
