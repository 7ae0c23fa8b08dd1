// What a program prints for people, on its way to the log: bounded in length and in number, without the secrets that it was
// given.

/** Of a line; the rest is cut off. */
export const MAX_LOGGED_LINE_BYTES = 2_048
/** Lines of one program in each window; those beyond are counted. */
const MAX_LOGGED_LINES = 50
const WINDOW_MS = 10_000

export class LoggedLines {
  readonly #secrets: readonly string[]
  /** Of the secrets: so much of a cut line may be the beginning of one. */
  readonly #longest: number
  readonly #tell: (line: string) => void
  #windowEnds = 0
  #told = 0
  #untold = 0

  constructor(secrets: readonly string[], tell: (line: string) => void) {
    this.#secrets = secrets
    this.#longest = Math.max(1, ...secrets.map(({ length }) => length))
    this.#tell = tell
  }

  add(bytes: Buffer): void {
    this.#add(() => this.#shown(bytes))
  }

  /** `start`: what a line that was too long began with. */
  addCut(start: Buffer): void {
    this.#add(() => `${this.#shown(start).slice(0, -this.#longest)}…`)
  }

  /** `shown` is asked only for a line that is told. */
  #add(shown: () => string): void {
    const now = performance.now()
    if (now >= this.#windowEnds) {
      if (this.#untold > 0) this.#tell(`(${this.#untold} more lines)`)
      this.#windowEnds = now + WINDOW_MS
      this.#told = 0
      this.#untold = 0
    }
    this.#told += 1
    if (this.#told <= MAX_LOGGED_LINES) this.#tell(shown())
    else this.#untold += 1
  }

  #shown(bytes: Buffer): string {
    const text = bytes.subarray(0, MAX_LOGGED_LINE_BYTES * 2).toString('utf8')
    const safe = this.#secrets.reduce((line, secret) => line.replaceAll(secret, '[secret]'), text)
    const isCut = bytes.length > MAX_LOGGED_LINE_BYTES
    return isCut ? safe.slice(0, Math.max(0, MAX_LOGGED_LINE_BYTES - this.#longest)) : safe
  }
}
