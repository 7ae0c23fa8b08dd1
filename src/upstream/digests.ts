// Headers with digests of a body as it was sent (RFC 9530, RFC 3230, RFC 1864): they do not fit another one, and would tell of
// what was taken out of it.

export const DIGESTS: ReadonlySet<string> = new Set([
  ...['content-digest', 'repr-digest', 'unencoded-digest', 'digest', 'content-md5'],
])
