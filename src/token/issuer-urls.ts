// Says which URLs of an issuer may be talked to. It judges text only and resolves no names.
import { isLoopbackHost } from '../lib/loopback.ts'

/**
 * RFC 8414 §2 and RFC 7662 §4 demand https. Plain http needs `allow_insecure_issuer` and a loopback host (I30, J54).
 * Returns what is wrong, or undefined.
 */
export function endpointFault(url: string, allowInsecure: boolean): string | undefined {
  if (!URL.canParse(url)) return 'is not an absolute URL'
  const { protocol, hostname, username, password, hash } = new URL(url)
  if (username !== '' || password !== '') return 'carries credentials'
  if (hash !== '') return 'has a fragment'
  if (protocol === 'https:') return undefined
  if (protocol === 'http:' && allowInsecure && isLoopbackHost(hostname)) return undefined
  return allowInsecure ? 'is neither https nor http on a loopback address' : 'is not https'
}

/** META-02: where an issuer's metadata may be, most specific standard first (RFC 8414 §3.1, §5; OIDC Discovery §4). */
export function wellKnownUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const oauth = `${origin}/.well-known/oauth-authorization-server${path}`
  const oidc = `${origin}/.well-known/openid-configuration${path}`
  return path === '' ? [oauth, oidc] : [oauth, oidc, `${origin}${path}/.well-known/openid-configuration`]
}
