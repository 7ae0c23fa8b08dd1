// Where a browser may be sent after it has signed in (A26): a path of our own origin, or a page of an application that
// the route lists. An address that two readers could take for two places is refused.

const MAX_CHARS = 1_024
/** A path that every parser takes for one: no second slash or backslash that would start an authority, no controls. */
const PLAIN_PATH = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/

/** Undefined when no browser is sent there. `allowedOrigins` as in the file: exact. */
export function safeReturn(
  text: string,
  publicOrigin: string,
  allowedOrigins: readonly string[],
): string | undefined {
  if (text.length > MAX_CHARS) return undefined
  if (PLAIN_PATH.test(text)) {
    return new URL(text, publicOrigin).origin === publicOrigin ? text : undefined
  }
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isPage = url.protocol === 'https:' || url.protocol === 'http:' // the origin of `blob:` is that of its maker
  const isPlain = isPage && url.href === text && url.username === '' && url.password === ''
  return isPlain && allowedOrigins.includes(url.origin) ? text : undefined
}
