// Which redirect addresses a client may have (AS-02, A03): https, plain http to this machine, and the few private
// schemes of well-known clients, exactly. Whether a request uses a registered one is oidc-provider's comparison.
import { domainToUnicode } from 'node:url'
import { isLoopback, isLoopbackRedirectHost } from '../../lib/loopback.ts'

/** DCR-03, D-07: no dot in the scheme, so any program could claim it; allowed for reach, and only exactly. */
const PRIVATE_SCHEMES: ReadonlySet<string> = new Set(['cursor://anysphere.cursor-mcp/oauth/callback'])
const VISIBLE_ASCII = /^[\x21-\x5b\x5d-\x7e]{1,2048}$/
/** Scheme, host with port, path: written in one way only. */
const PLAIN = /^(https?:)\/\/([^/?#]+)(\/[^?#]*)?(?:\?[^#]*)?$/
const DEFAULT_PORT: Readonly<Record<string, string>> = { 'https:': ':443', 'http:': ':80' }
const NAME = /^(?:[a-z0-9_-]+\.)*[a-z0-9_-]+$/
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i
/** Connected to, they are this machine too. */
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '[::]'])

/** Undefined when it may be registered. @param schemes of programs that the operator lets in */
export function redirectUriFault(text: unknown, schemes: readonly string[]): string | undefined {
  if (typeof text !== 'string' || !VISIBLE_ASCII.test(text) || !URL.canParse(text)) return 'is not a URL'
  if (text.includes('#')) return 'has a fragment' // RFC 6749 §3.1.2
  if (PRIVATE_SCHEMES.has(text)) return undefined
  const url = new URL(text)
  const scheme = text.slice(0, text.indexOf(':'))
  if (schemes.includes(scheme)) return undefined
  const { protocol, hostname } = url
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopbackRedirectHost(hostname)))
    return 'is neither https nor http to this machine'
  if (protocol === 'https:' && (isLoopback(hostname) || UNSPECIFIED.has(hostname)))
    return 'is https to this machine'
  return spellingFault(text, url)
}

/** A60: spellings that two readers take for two hosts. The person must see the host that the browser goes to. */
function spellingFault(text: string, { protocol, host, hostname }: URL): string | undefined {
  const [, scheme, authority = '', path = ''] = PLAIN.exec(text) ?? []
  if (scheme !== protocol) return 'is not written as scheme://host/path'
  if (authority.includes('@')) return 'has a user name'
  if (hostname.includes('*')) return 'has a wildcard'
  if (authority !== host && authority !== host + DEFAULT_PORT[protocol])
    return 'has a host in another spelling'
  if (!hostname.startsWith('[') && !isName(hostname)) return 'has a host that is no name'
  return DOT_SEGMENT.test(path) ? 'has dot segments' : undefined
}

/** RFC 5891 §4.4: Punycode that stands for nothing is no name. */
function isName(host: string): boolean {
  return NAME.test(host) && !domainToUnicode(host).includes('xn--')
}

/** RFC 7591 §2: a program on the person's machine, whatever it calls itself (DCR-02). */
export function isNative(redirectUris: readonly string[]): boolean {
  return redirectUris.some((uri) => !uri.startsWith('https:'))
}
