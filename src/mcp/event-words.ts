// Finds the words that an event must have before anything in it matters: those of an answer or of an update, and bytes
// that could spell or hide them. An event without any of them holds no answer, no list and no update, whatever its
// lines and its JSON are. An event with one is read. It makes one pass over the bytes, two at a time.

interface Word {
  /** The word, in lower case. */
  readonly bytes: Buffer
  /**
   * Which pairs of its bytes are searched for: one that begins at an even place of the word, and one at an odd place.
   */
  readonly pairs: readonly [number, number]
  readonly anyCase: boolean
}

/** At most eight words, one for each bit below. Like those in answer.ts they lack their first letters. */
const WORDS: readonly Word[] = [
  { bytes: Buffer.from('esult'), pairs: [2, 3], anyCase: true },
  { bytes: Buffer.from('e\u017fult'), pairs: [4, 3], anyCase: true }, // a long s, which decoders that fold names read as an s
  { bytes: Buffer.from('rror'), pairs: [0, 1], anyCase: true },
  { bytes: Buffer.from('updated'), pairs: [0, 1], anyCase: true },
  { bytes: Buffer.from('\\u00'), pairs: [0, 1], anyCase: false }, // an escape may spell any letter
  { bytes: Buffer.from('\\u017'), pairs: [0, 1], anyCase: false }, // … or a long s
  { bytes: Buffer.from('\ufeff'), pairs: [0, 1], anyCase: false }, // a byte order mark (L04)
  { bytes: Buffer.of(0), pairs: [0, -1], anyCase: false }, // UTF-16 (L16)
]

/** This bit makes an ASCII letter lower case. */
const CASE = 0x20

/** For each pair of bytes, read as one number in this machine's byte order: a bit for each word that has the pair. */
const BY_PAIR = new Uint8Array(65_536)
for (const [index, word] of WORDS.entries()) for (const place of word.pairs) addPairs(word, place, 1 << index)

function addPairs(word: Word, place: number, bit: number): void {
  for (const first of spellingsOf(word, place))
    for (const second of spellingsOf(word, place + 1)) {
      const [pair = 0] = new Uint16Array(Uint8Array.of(first, second).buffer)
      BY_PAIR[pair] = (BY_PAIR[pair] as number) | bit
    }
}

/** Returns the bytes that may stand at a place of the word; outside of the word, any byte. */
function spellingsOf({ bytes, anyCase }: Word, place: number): readonly number[] {
  const byte = bytes[place]
  if (byte === undefined) return Array.from({ length: 256 }, (_, each) => each)
  return anyCase && isLetter(byte) ? [byte, byte - CASE] : [byte]
}

function isLetter(lowerCase: number): boolean {
  return lowerCase >= 0x61 && lowerCase <= 0x7a
}

/** Returns where one of the words begins, or goes on, at or after an index; Infinity when none does. */
export function indexOfWord(bytes: Buffer, from: number): number {
  // Pairs begin at even addresses in memory, so the first may begin one byte early.
  const start = from - ((bytes.byteOffset + from) & 1)
  const pairs = new Uint16Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) >> 1)
  const { length } = pairs
  for (let index = 0; index < length; index += 1) {
    index = nextHint(pairs, index)
    const bits = index < length ? (BY_PAIR[pairs[index] as number] as number) : 0
    const at = start + 2 * index
    if (bits !== 0 && isInWord(bytes, at, bits, from)) return Math.max(at, from)
  }
  const last = bytes.length - 1 // the last byte may be without a pair; then only a word of one byte can be missed
  return last >= from && bytes[last] === 0 ? last : Number.POSITIVE_INFINITY
}

/**
 * Returns the index of the next pair that some word has; the length when there is none. It reads four at a time, for
 * speed.
 */
function nextHint(pairs: Uint16Array, from: number): number {
  const { length } = pairs
  let index = from
  for (; index + 3 < length; index += 4) {
    const hints =
      (BY_PAIR[pairs[index] as number] as number) |
      (BY_PAIR[pairs[index + 1] as number] as number) |
      (BY_PAIR[pairs[index + 2] as number] as number) |
      (BY_PAIR[pairs[index + 3] as number] as number)
    if (hints !== 0) break
  }
  while (index < length && BY_PAIR[pairs[index] as number] === 0) index += 1
  return index
}

function isInWord(bytes: Buffer, at: number, bits: number, from: number): boolean {
  return WORDS.some(
    (word, index) =>
      (bits & (1 << index)) !== 0 &&
      word.pairs.some((place) => at - place >= from && standsInAnyCase(bytes, at - place, word)),
  )
}

function standsInAnyCase(bytes: Buffer, at: number, { bytes: expected, anyCase }: Word): boolean {
  for (let place = 0; place < expected.length; place += 1) {
    const byte = expected[place] as number
    const found = bytes[at + place] as number
    if (found !== byte && !(anyCase && isLetter(byte) && found === byte - CASE)) return false
  }
  return true
}
