// The tokens of JSON text (RFC 8259 §2, §6, §7): where each one ends, or -1 when it is none. Knows nothing of
// objects and arrays; never throws, never backtracks.

const BACKSLASH = 0x5c
const QUOTE = 0x22
const LOWER_U = 0x75
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const SPACE = 0x20

/** RFC 8259 §2: space, tab, line feed, carriage return, and nothing else. */
export function skipSpace(text: string, at: number): number {
  let end = at
  for (;;) {
    const code = text.charCodeAt(end)
    if (code > SPACE || (code !== SPACE && code !== 0x0a && code !== 0x0d && code !== 0x09)) return end
    end += 1
  }
}

/** Characters read one by one before a run of plain ones is left to the regular expression engine. */
const SHORT_RUN = 64

/** No quote, no backslash, no control character; sticky, so that it never looks ahead. */
const PLAIN = /[^"\\\x00-\x1f]*/y

/** The index after the closing quote of the string whose opening quote is at `at`. RFC 8259 §7. */
export function endOfString(text: string, at: number): number {
  let end = at + 1
  let run = end
  for (;;) {
    const code = text.charCodeAt(end)
    if (code === QUOTE) return end + 1
    if (code === BACKSLASH) {
      end = endOfEscape(text, end)
      if (end < 0) return -1
      run = end
    } else if (code >= 0x20) end = end - run < SHORT_RUN ? end + 1 : endOfPlain(text, end)
    else return -1 // a control character, or NaN at the end of the text
  }
}

function endOfPlain(text: string, at: number): number {
  PLAIN.lastIndex = at
  PLAIN.test(text)
  return PLAIN.lastIndex
}

function endOfEscape(text: string, at: number): number {
  const code = text.charCodeAt(at + 1)
  if (code === LOWER_U) {
    for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(text.charCodeAt(digit))) return -1
    return at + 6
  }
  return ESCAPED.has(code) ? at + 2 : -1
}

const ESCAPED: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)))

/** RFC 8259 §6: number = [ minus ] int [ frac ] [ exp ] */
export function endOfNumber(text: string, at: number): number {
  let end = text.charCodeAt(at) === MINUS ? at + 1 : at
  end = text.charCodeAt(end) === ZERO ? end + 1 : endOfDigits(text, end)
  if (end >= 0 && text.charCodeAt(end) === DOT) end = endOfDigits(text, end + 1)
  if (end >= 0 && isExponent(text.charCodeAt(end))) {
    const sign = text.charCodeAt(end + 1)
    end = endOfDigits(text, sign === PLUS || sign === MINUS ? end + 2 : end + 1)
  }
  return end
}

/** One digit at least. */
function endOfDigits(text: string, at: number): number {
  let end = at
  while (isDigit(text.charCodeAt(end))) end += 1
  return end > at ? end : -1
}

export type Word = 'true' | 'false' | 'null'

/** RFC 8259 §3: the three literal names, in lower case. */
export function wordAt(text: string, at: number): Word | undefined {
  const word = WORDS.get(text.charCodeAt(at))
  return word !== undefined && text.startsWith(word, at) ? word : undefined
}

const WORDS: ReadonlyMap<number, Word> = new Map(
  (['true', 'false', 'null'] as const).map((word) => [word.charCodeAt(0), word]),
)

/** The value of the string token that `endOfString` accepted between `start` and `end`. */
export function stringAt(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1)
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66)
}

function isExponent(code: number): boolean {
  return code === 0x65 || code === 0x45
}
