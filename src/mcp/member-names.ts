// Checks member names for what parsers of servers could read differently: names that stand twice, names that differ
// only in case, unfit names. It does not know which names matter; the shapes in scan.ts do.

/** With more names than this a list is slower than a set. */
const SMALL = 16

/**
 * The names of one object. RFC 8259 §4: parsers disagree on which of two equal names wins (M01). Names are compared as
 * given, so all must be written in one way.
 */
export class MemberNames {
  readonly #few: string[] = []
  #many: Set<string> | undefined

  /** Empties it for the next object: a document has many objects, of which few are open at one time. */
  clear(): void {
    this.#few.length = 0
    this.#many = undefined
  }

  /** Adds a name. Returns false when it was there already. */
  add(name: string): boolean {
    if (this.#many !== undefined) return this.#addToMany(this.#many, name)
    if (this.#few.includes(name)) return false
    this.#few.push(name)
    if (this.#few.length > SMALL) this.#many = new Set(this.#few.map(unindexed))
    return true
  }

  #addToMany(many: Set<string>, name: string): boolean {
    const before = many.size
    return many.add(unindexed(name)).size > before
  }
}

// SECURITY: V8 hashes strings that look like array indices by their value, so a client could choose names that
// collide; with a letter in front they are hashed like any other string, with the seed of the process (M32).
function unindexed(name: string): string {
  return `n${name}`
}

const FOLDING = /[A-Z\u0130\u0131\u017f\u212a]/g

const FOLDED: ReadonlyMap<string, string> = new Map([
  ['\u0130', 'i'], // Java's equalsIgnoreCase takes both Turkish letters for an i
  ['\u0131', 'i'],
  ['\u017f', 's'], // the long s: Go's encoding/json folds it (M05)
  ['\u212a', 'k'], // the Kelvin sign, likewise
])

/** Every letter that some case-insensitive decoder takes for an ASCII one, as that one in lower case. */
export function foldName(name: string): string {
  return name.replace(FOLDING, (letter) => FOLDED.get(letter) ?? letter.toLowerCase())
}

/** Whether a name is unfit: some decoders end it at NUL, and some replace a lone surrogate (M06). */
export function isUnfit(name: string): boolean {
  return name.includes('\0') || !name.isWellFormed()
}
