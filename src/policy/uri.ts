// Which resource URIs policy is willing to judge at all. It does not normalise: a URI that two readers could
// resolve to different places is refused, whatever the rules say (M52, contract.md section 2).

/** In UTF-16 code units; RFC 9110 §4.1 asks recipients for 8,000 octets. */
const MAX_URI_LENGTH = 8_192

/** A `.` or `..` segment, also where `?`, `#` or path parameters (`;`) end it. RFC 3986 §5.2.4 */
const DOT_SEGMENT = /(?:^|[/:])\.{1,2}(?:$|[/?#;])/

/** A backslash, or an escaped dot, slash or backslash. */
const DISGUISED_SEPARATOR = /\\|%2e|%2f|%5c/i

/** What URL parsers drop silently, so that `.\t.` becomes `..` and a trailing space hides it. WHATWG URL §4.4 */
const DROPPED_BY_PARSERS = /[\x00-\x1f\x7f]|^ | $/

export function isJudgeableUri(uri: string): boolean {
  if (uri.length > MAX_URI_LENGTH) return false
  return !(DOT_SEGMENT.test(uri) || DISGUISED_SEPARATOR.test(uri) || DROPPED_BY_PARSERS.test(uri))
}

/** The literal prefix before the first `{`; undefined when the text is a plain URI. RFC 6570 §2 */
export function templatePrefix(template: string): string | undefined {
  const brace = template.indexOf('{')
  return brace === -1 ? undefined : template.slice(0, brace)
}
