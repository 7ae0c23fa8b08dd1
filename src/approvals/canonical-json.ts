// One spelling for JSON that means the same to every reader: names of members in code unit order, no spaces, one way of
// escaping (after RFC 8785). Numbers keep their digits, since readers differ on what 1.0 and 1 are. It reads text that was
// checked by the strict reader of messages, and throws at anything else.

const QUOTE = '"'
/** What ends a number or a word. */
const ENDS = new Set([',', ']', '}', ' ', '\t', '\n', '\r'])
const SPACES = new Set([' ', '\t', '\n', '\r'])

/** @param without names of members of the outermost object that are left out */
export function canonicalJsonText(text: string, without: ReadonlySet<string> = new Set()): string {
  return new CanonicalReader(text).document(without)
}

class CanonicalReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(without: ReadonlySet<string>): string {
    this.#space()
    const value = this.#next() === '{' ? this.#object(without) : this.#value()
    this.#space()
    if (this.#at !== this.#text.length) throw new Error('this is no JSON text')
    return value
  }

  #value(): string {
    switch (this.#next()) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case QUOTE:
        return this.#string()
      default:
        return this.#word()
    }
  }

  #object(without?: ReadonlySet<string>): string {
    const members = new Map<string, string>()
    this.#list('}', () => {
      const name = JSON.parse(this.#string()) as string
      this.#space()
      this.#take(':')
      this.#space()
      const value = this.#value()
      if (members.has(name)) throw new Error('a member name stands twice')
      if (without?.has(name) !== true) members.set(name, value)
    })
    const sorted = [...members].sort(([one], [other]) => (one < other ? -1 : 1))
    return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
  }

  #array(): string {
    const items: string[] = []
    this.#list(']', () => items.push(this.#value()))
    return `[${items.join(',')}]`
  }

  /** Reads what stands between an opening bracket and `end`. */
  #list(end: string, item: () => unknown): void {
    this.#at += 1
    this.#space()
    if (this.#next() !== end) {
      item()
      this.#space()
      while (this.#next() === ',') {
        this.#at += 1
        this.#space()
        item()
        this.#space()
      }
    }
    this.#take(end)
  }

  #string(): string {
    const start = this.#at
    let isEscaped = false
    this.#take(QUOTE)
    while (this.#next() !== QUOTE) {
      if (this.#next() === '\\') {
        isEscaped = true
        this.#at += 1
      }
      this.#at += 1
      if (this.#at >= this.#text.length) throw new Error('a string has no end')
    }
    this.#at += 1
    const written = this.#text.slice(start, this.#at)
    return isEscaped ? JSON.stringify(JSON.parse(written)) : written
  }

  /** A number, or one of the three words, as it is written. */
  #word(): string {
    const start = this.#at
    while (this.#at < this.#text.length && !ENDS.has(this.#next())) this.#at += 1
    if (this.#at === start) throw new Error('a value is missing')
    return this.#text.slice(start, this.#at)
  }

  #next(): string {
    return this.#text[this.#at] ?? ''
  }

  #take(wanted: string): void {
    if (this.#next() !== wanted) throw new Error('this is no JSON text')
    this.#at += 1
  }

  #space(): void {
    while (SPACES.has(this.#next())) this.#at += 1
  }
}
