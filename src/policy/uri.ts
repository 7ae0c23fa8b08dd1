// Which resource URIs policy is willing to judge at all. It does not normalise: a URI that two readers could
// resolve to different places is refused, whatever the rules say (M52, contract.md section 2).

/** In UTF-16 code units; RFC 9110 §4.1 asks recipients for 8,000 octets. */
const MAX_URI_LENGTH = 8_192

/** A `.` or `..` segment, also where `?`, `#` or path parameters (`;`) end it. RFC 3986 §5.2.4 */
const DOT_SEGMENT = /(?:^|[/:])\.{1,2}(?:$|[/?#;])/

/**
 * A backslash, or an escape of what needs none: letters, digits, `-._~` (RFC 3986 §2.3), which mean the same without it;
 * slash and backslash, which may or may not; and NUL, which ends a name for some.
 */
const DISGUISED = /\\|%(?:00|2[d-f]|3\d|[46][1-9a-f]|[57][0-9a]|5[cf]|7e)/i

/** RFC 3986 §3.1: schemes are the same in any case, and written in lower case. Each run ends where the next begins. */
const CAPITAL_SCHEME = /^[^A-Z:/?#{]*[A-Z][^:/?#{]*:/

/** Schemes whose authority every parser of URLs rewrites. WHATWG URL, special schemes */
const SPECIAL = /^(?:https?|wss?|ftp|file):/

/** What URL parsers drop silently, so that `.\t.` becomes `..` and a trailing space hides it. WHATWG URL §4.4 */
const DROPPED_BY_PARSERS = /[\x00-\x1f\x7f]|^ | $/

export function isJudgeableUri(uri: string): boolean {
  if (uri.length > MAX_URI_LENGTH) return false
  if (DOT_SEGMENT.test(uri) || DISGUISED.test(uri) || DROPPED_BY_PARSERS.test(uri)) return false
  return !CAPITAL_SCHEME.test(uri) && (!SPECIAL.test(uri) || hasPlainAuthority(uri))
}

/** Case, a default port, a name, a dot at the end, missing slashes: the authority must be as a parser would write it. */
function hasPlainAuthority(uri: string): boolean {
  const url = URL.parse(uri)
  if (url === null) return uri.includes('{') // a template may stand for a host
  const start = `${url.protocol}//${url.host}`
  const rest = uri.slice(start.length)
  if (!uri.startsWith(start) || !/^(?:[/?#]|$)/.test(rest) || url.hostname.endsWith('.')) return false
  // Two slashes are one to a file system.
  return url.protocol !== 'file:' || !/^[^?#]*\/\//.test(rest)
}

/** The literal prefix before the first `{`; undefined when the text is a plain URI. RFC 6570 §2 */
export function templatePrefix(template: string): string | undefined {
  const brace = template.indexOf('{')
  return brace === -1 ? undefined : template.slice(0, brace)
}
