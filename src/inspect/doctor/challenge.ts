// The Bearer challenge of a WWW-Authenticate field, read as clients read it (RFC 9110 §11.6.1, RFC 6750 §3).

export interface ParsedChallenge {
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
  /** A parameter that stands there twice. */
  readonly repeated: string | undefined
}

const PARAMETER = /(?<![A-Za-z0-9_-])([A-Za-z0-9_-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^ \t",]+))/g
/** The beginning of another scheme ends the parameters of this one. */
const NEXT_SCHEME = /,[ \t]*(?:Basic|DPoP|Digest|Negotiate|Bearer)[ \t]/i

/** Undefined when the field is missing, or names no Bearer scheme. */
export function readChallenge(field: string | undefined): ParsedChallenge | undefined {
  const start = /(?:^|,[ \t]*)Bearer(?=[ \t]|$)/i.exec(field ?? '')
  if (field === undefined || start === null) return undefined
  const rest = field.slice(start.index + start[0].length)
  const end = NEXT_SCHEME.exec(rest)
  const parameters = new Map<string, string>()
  let repeated: string | undefined
  for (const [, name = '', quoted, bare] of rest.slice(0, end?.index).matchAll(PARAMETER)) {
    const key = name.toLowerCase()
    if (parameters.has(key)) repeated = key
    parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '')
  }
  return { parameters, repeated }
}
