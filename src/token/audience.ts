// Checks whether a token was issued for this route (MCP authorization, RFC 8707). Exact, but for the three spellings
// that clients and issuers vary (TOK-08): host case, default port, one trailing slash.
import type { Json } from '../lib/strict-json.ts'

export interface AudienceCheck {
  /** The audiences of which `aud` must name one, as the file has them. */
  readonly wanted: readonly string[]
  /** Judges an `aud` claim: returns undefined when it is good, otherwise what is wrong with it. */
  faultOf(aud: Json | undefined): string | undefined
}

const HTTP_URL = /^(https?):\/\/([^/?#@\s]+)([^\s]*)$/i
const DEFAULT_PORT = { http: /:80$/, https: /:443$/ }

export function compileAudience(audience: readonly string[], single: boolean): AudienceCheck {
  const asWritten = new Set(audience)
  const ours = new Set(audience.map(canonicalAudience))
  const isForeign = (name: string) => !asWritten.has(name) && !ours.has(canonicalAudience(name))
  const faultOf = (aud: Json | undefined) => {
    const named = typeof aud === 'string' ? [aud] : aud
    if (!Array.isArray(named) || named.length === 0) return 'no audience' // J18
    if (!named.every((name) => typeof name === 'string')) return 'an audience is not a string' // J21
    const foreign = named.filter(isForeign)
    if (foreign.length === named.length) return 'issued for another audience' // J19, J20
    return single && foreign.length > 0 ? 'issued for another audience too' : undefined // J22
  }
  return { wanted: audience, faultOf }
}

/** TOK-08 allows three spellings. Dot segments, percent-encoding and the case of paths stay as they are. */
export function canonicalAudience(audience: string): string {
  const match = HTTP_URL.exec(audience)
  if (match === null) return audience
  const scheme = match[1]?.toLowerCase() === 'http' ? 'http' : 'https'
  const authority = (match[2] ?? '').toLowerCase().replace(DEFAULT_PORT[scheme], '')
  const rest = match[3] ?? ''
  return `${scheme}://${authority}${/[?#]/.test(rest) ? rest : rest.replace(/\/$/, '')}`
}
