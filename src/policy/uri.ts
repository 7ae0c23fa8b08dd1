// Which resource URIs policy judges at all. Each resource has one spelling (RFC 3986 §6.2, and what parsers of URLs
// would write); every other one is refused, whatever the rules say, so that no reader behind us takes it for a resource
// that a rule keeps (M52; docs/decisions.md, 14). Nothing is normalised here; patterns are, in uri-pattern.ts.

/** In UTF-16 code units; RFC 9110 §4.1 asks recipients for 8,000 octets. */
const MAX_URI_LENGTH = 8_192

/** RFC 3986 §2; all else stands as an escape. */
const LEGAL = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/

/** A `.` or `..` segment, also where `?`, `#` or path parameters (`;`) end it, or spaces stand with it. RFC 3986 §5.2.4 */
const DOT_SEGMENT = /(?:^|[/:])(?:%20)*\.{1,2}(?:%20)*(?:$|[/?#;])/

/** Not two capital hex digits; unreserved (RFC 3986 §2.3); a slash or backslash, which for some is one; NUL, an end. */
const NEEDLESS = /%(?![0-9A-F]{2})|%(?:00|2[DEF]|3\d|[46][1-9A-F]|[57][0-9A]|5[CF]|7E)/

/** Escapes of what stands raw in a path (RFC 3986 §3.3), in an authority too: sub-delims, `:` and `@`. */
const NEEDLESS_IN_PATH = /%(?:2[146-9A-C]|3[ABD]|40)/

/** In a query (§3.4), where `&` and `=` mean something, `?` may stand, and a raw `+` is a space to some. */
const NEEDLESS_IN_QUERY = /\+|%(?:2[147-9AC]|3[ABF]|40)/

/** RFC 3986 appendix B. */
const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/

/** Schemes whose authority every parser of URLs rewrites. WHATWG URL, special schemes */
const SPECIAL = /^(?:https?|wss?|ftp|file)$/

const EXPRESSION = /\{[^{}]*\}/g

export function isJudgeableUri(uri: string): boolean {
  return uri.length <= MAX_URI_LENGTH && isOneSpelling(uri, false)
}

/** A template stands for its expansions, which are judged when they are read; here, as if each value were a letter. */
export function isJudgeableTemplate(template: string): boolean {
  return template.length <= MAX_URI_LENGTH && isOneSpelling(template.replace(EXPRESSION, 'x'), true)
}

function isOneSpelling(uri: string, template: boolean): boolean {
  if (!LEGAL.test(uri) || DOT_SEGMENT.test(uri) || NEEDLESS.test(uri) || !isPlainText(uri)) return false
  const [, scheme, authority, path = '', query, fragment] = PARTS.exec(uri) ?? []
  if (!isPlainBehind(path, query, fragment) || !isPlainAuthority(authority ?? '')) return false
  if (scheme === undefined) return true
  return !/[A-Z]/.test(scheme) && isAsParsed(uri, { scheme, authority, path }, template)
}

/** Brackets belong to an authority alone (RFC 3986 §3.2.2). */
function isPlainBehind(path: string, query: string | undefined, fragment: string | undefined): boolean {
  const rest = path + (fragment ?? '')
  if (fragment === '' || /[[\]]/.test(rest + (query ?? ''))) return false
  return !NEEDLESS_IN_PATH.test(rest) && (query === undefined || isPlainQuery(query))
}

/** No empty pair. The first `=` of a pair ends its name; a later one needs no escape. */
function isPlainQuery(query: string): boolean {
  if (NEEDLESS_IN_QUERY.test(query)) return false
  return query.split('&').every((pair) => {
    const name = pair.indexOf('=')
    return pair !== '' && (name === -1 || !pair.includes('%3D', name))
  })
}

/** RFC 3986 §3.2: no user, no empty port, none with a needless zero. */
function isPlainAuthority(authority: string): boolean {
  return !/@|:(?:0\d*)?$/.test(authority) && !NEEDLESS_IN_PATH.test(authority)
}

interface Parts {
  readonly scheme: string
  readonly authority: string | undefined
  readonly path: string
}

/** Case of a host, a default port, an address in another form, missing slashes: it must be as a parser would write it. */
function isAsParsed(uri: string, { scheme, authority, path }: Parts, template: boolean): boolean {
  const url = URL.parse(uri)
  const special = SPECIAL.test(scheme)
  if (url === null) return !special || template // a template may stand for a port
  const rooted = authority !== undefined
  if ((rooted ? `//${authority}${path}` : path) !== (rooted ? `//${url.host}` : '') + url.pathname)
    return false
  if (special && (!rooted || url.hostname.endsWith('.'))) return false
  // Two slashes are one to a file system.
  return scheme !== 'file' || !path.includes('//')
}

/** RFC 3629, and NFC: bytes that are no UTF-8, and letters in pieces, become something else for some. */
function isPlainText(uri: string): boolean {
  if (!/%[89A-F]/.test(uri)) return true
  const bytes = uri.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const text = Buffer.from(bytes, 'latin1').toString()
  return !text.includes('\ufffd') && text.normalize('NFC') === text
}

/** The literal prefix before the first `{`; undefined when the text is a plain URI. RFC 6570 §2 */
export function templatePrefix(template: string): string | undefined {
  const brace = template.indexOf('{')
  return brace === -1 ? undefined : template.slice(0, brace)
}
