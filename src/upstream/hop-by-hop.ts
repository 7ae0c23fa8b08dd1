// Header fields that concern one connection and are never passed on (RFC 9110 §7.6.1).

/** In lower case. `content-length` is written again, for the body that is really sent. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]
