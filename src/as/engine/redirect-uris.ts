// Which redirect addresses a client may have (AS-02, A03): https, plain http to this machine, and the few private
// schemes of well-known clients, exactly. Whether a request uses a registered one is oidc-provider's comparison.

/** DCR-03, D-07: no dot in the scheme, so any program could claim it; allowed for reach, and only exactly. */
const PRIVATE_SCHEMES: ReadonlySet<string> = new Set(['cursor://anysphere.cursor-mcp/oauth/callback'])
/** RFC 8252 §7.3, and `localhost`, since clients register it. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])
const VISIBLE_ASCII = /^[\x21-\x5b\x5d-\x7e]{1,2048}$/

/** Undefined when it may be registered. */
export function redirectUriFault(text: unknown): string | undefined {
  if (typeof text !== 'string' || !VISIBLE_ASCII.test(text) || !URL.canParse(text)) return 'is not a URL'
  if (text.includes('#')) return 'has a fragment' // RFC 6749 §3.1.2
  if (PRIVATE_SCHEMES.has(text)) return undefined
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'has a user name'
  if (url.protocol === 'http:' && LOOPBACK.has(url.hostname)) return undefined
  if (url.protocol !== 'https:') return 'is neither https nor http to this machine'
  return LOOPBACK.has(url.hostname) ? 'is https to this machine' : undefined
}

/** RFC 7591 §2: a program on the person's machine, whatever it calls itself (DCR-02). */
export function isNative(redirectUris: readonly string[]): boolean {
  return redirectUris.some((uri) => PRIVATE_SCHEMES.has(uri) || LOOPBACK.has(new URL(uri).hostname))
}
