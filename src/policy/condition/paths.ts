// `path.isUnder(folder)`: whether a path is below a folder, however a server may resolve it. `startsWith` alone would
// let `/home/alice/../bob` through. It reads no file system.
import { ConditionFault } from './outcome.ts'

const BAD_FOLDER = new ConditionFault('a folder that could be another one')

// Each character with the forms that NFKC, IDNA or the best fit of Windows turns into the ASCII one.
const DOT = '.\u2024-\u2026\u3002\ufe19\ufe30\ufe52\uff0e\uff61'
const SLASH = '/\u2044\u2215\u29f8\uff0f'
const BACKSLASH_OR_ESCAPE = '\\\\%\u2216\u29f5\u29f9\ufe68\uff3c\ufe6a\uff05'
/**
 * Characters that end a segment for some servers: a path parameter, a query, a fragment, a stream (`..;x`,
 * `..::$DATA`).
 */
const END = ';?#:\u037e\u2047-\u2049\ufe13-\ufe16\ufe54-\ufe56\ufe5f\uff03\uff1a\uff1b\uff1f'

/** Ambiguous: an empty segment, one of dots and spaces alone, which Windows shortens, a backslash, an escape. */
const AMBIGUOUS = new RegExp(
  `[${SLASH}]{2}|[${BACKSLASH_OR_ESCAPE}]|(?:^|[${SLASH}])[${DOT}\\p{Z}]+(?:[${SLASH}${END}]|$)`,
  'u',
)

/**
 * Controls end a name for some servers. HFS+ drops format characters, so that it reads `.\u200b.` as `..`
 * (CVE-2014-9390).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}]/u

const PRINTABLE_ASCII = /^[ -~]*$/

/** `folder` with or without its last slash. A folder that is itself ambiguous, or empty, is a fault. */
export function isUnder(path: string, folder: string): boolean | ConditionFault {
  const trunk = folder.endsWith('/') ? folder.slice(0, -1) : folder
  if (trunk === '' || isAmbiguous(trunk)) return BAD_FOLDER
  return path.startsWith(`${trunk}/`) && path.length > trunk.length + 1 && !isAmbiguous(path)
}

function isAmbiguous(path: string): boolean {
  return AMBIGUOUS.test(path) || (!PRINTABLE_ASCII.test(path) && UNPRINTABLE.test(path))
}
