// Words of strangers made fit to be shown: client names, scope names, hosts. Escaping is the template's business;
// here a text is kept from pretending to be another one (A25).
import { isLoopbackRedirectHost } from '../../lib/loopback.ts'

const MAX_NAME_CHARS = 60

/**
 * One line without control characters, without marks that turn or hide the text around them (bidi, zero-width,
 * tags, variation selectors), and short. Empty when nothing visible is left.
 */
export function shownName(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]+/gu, ' ')
    .replace(/[\p{C}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .trim()
  const characters = [...plain]
  return characters.length <= MAX_NAME_CHARS ? plain : `${characters.slice(0, MAX_NAME_CHARS - 1).join('')}…`
}

/** Where a redirect leads, as a person can judge it: the whole host, or the scheme of an installed program. */
export interface Destination {
  readonly text: string
  /** `program`: a scheme that some program on the device has claimed; `loopback`: any program on this device. */
  readonly kind: 'site' | 'loopback' | 'program'
}

/** CIM-06, CDP-02: the host in full and in ASCII, so that look-alike letters show as `xn--`. */
export function destinationOf(redirectUri: string): Destination {
  const url = new URL(redirectUri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { text: url.protocol, kind: 'program' }
  if (isLoopbackRedirectHost(url.hostname)) return { text: url.host, kind: 'loopback' }
  return { text: url.host, kind: 'site' }
}

/** CDP-02: the whole address that is redirected to, in ASCII. A registration takes none above 2,048 characters. */
export function shownAddress(redirectUri: string): string {
  return new URL(redirectUri).href
}

/** The host of a client metadata URL; undefined for a client that was registered and so proves no origin (CIM-06). */
export function clientHost(clientId: string): string | undefined {
  return /^https:\/\//.test(clientId) && URL.canParse(clientId) ? new URL(clientId).host : undefined
}
