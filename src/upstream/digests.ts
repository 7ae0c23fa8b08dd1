// The headers that carry digests of a body as it was sent (RFC 9530, RFC 3230, RFC 1864). They do not fit a changed
// body, and would reveal something of what was taken out.

export const DIGESTS: ReadonlySet<string> = new Set([
  ...['content-digest', 'repr-digest', 'unencoded-digest', 'digest', 'content-md5'],
])
