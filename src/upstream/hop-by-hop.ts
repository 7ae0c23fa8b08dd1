// Header fields that are between two neighbours on the way and never go further (RFC 9110 §7.6.1).

/** Lower case. `content-length` is set again from the body that is really sent. */
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
