// The envelopes of a JSON document that is not kept: read piece by piece while it passes, in constant space. One document
// may follow another: some servers write JSON line by line without end. It goes by strings and brackets alone; that the text is proper JSON is for whoever parses it, and what is none has no
// reader. Judges nothing.
import { isListName } from './lists.ts'
import { foldName } from './member-names.ts'

/** Of a name or an id. */
const MAX_KEPT_CHARACTERS = 4_096

/** One message of an upstream, as far as it depends on it whose answer it is. */
export interface Envelope {
  /** Raw JSON text; undefined when it is neither a string nor a number. */
  readonly id: string | undefined
  readonly method: boolean
  readonly result: boolean
  readonly error: boolean
}

/** What else is seen of an answer while it passes. */
export interface PassingEnvelope extends Envelope {
  /** Whether its result says `isError: true`. */
  readonly toolFailed: boolean
  /** Whether a member of its result is one of the lists of MCP. */
  readonly listed: boolean
}

export interface EnvelopeReader {
  /** False as soon as the document is none, is ambiguous, or was not wanted; nothing is read after that. */
  push(bytes: Buffer): boolean
  /** Whether the document is whole. */
  readonly done: boolean
  /** Whether all that came was wanted, and what has begun is. */
  readonly settled: boolean
}

export interface EnvelopeHandler {
  /** A message has a result and this id, before it is whole: whether it is wanted. */
  begins(id: string): boolean
  /** A message is whole: whether it is wanted. */
  ends(envelope: PassingEnvelope): boolean
}

export function createEnvelopeReader(handler: EnvelopeHandler): EnvelopeReader {
  return new Reader(handler)
}

/** Of a whole document, which may be of any size; undefined when it is none, or ambiguous. */
export function readEnvelopes(bytes: Buffer): readonly PassingEnvelope[] | undefined {
  const envelopes: PassingEnvelope[] = []
  const reader = createEnvelopeReader({
    begins: () => true,
    ends: (envelope) => envelopes.push(envelope) > 0,
  })
  return reader.push(bytes) && reader.done ? envelopes : undefined
}

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const LETTER_T = 0x74
/** Those of a byte order mark, which some servers write. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf]
/** Levels of which it is known whether they are objects: a batch, its messages, their results. */
const OUTER_LEVELS = 3

interface Draft {
  id: string | undefined
  method: boolean
  result: boolean
  error: boolean
  toolFailed: boolean
  listed: boolean
  /** Members of the envelope that were seen. */
  readonly seen: Set<string>
}

const MEMBERS: ReadonlySet<string> = new Set(['id', 'method', 'result', 'error'])

class Reader implements EnvelopeReader {
  readonly #handler: EnvelopeHandler
  #depth = 0
  /** Of each outer level, whether it is an object. */
  readonly #objects: boolean[] = []
  /** The depth at which the members of a message stand. */
  #level = 1
  #inString = false
  #escaped = false
  #expects: 'name' | 'value' | 'neither' = 'value'
  /** What is kept of a name or an id; undefined while nothing is. */
  #kept: string | undefined
  /** The member whose value comes: of the message, and of its result. */
  #member = ''
  #inner = ''
  #draft: Draft = newDraft()
  /** Whether the message under way has begun as an answer that is wanted. */
  #begun = false
  done = false

  constructor(handler: EnvelopeHandler) {
    this.#handler = handler
  }

  get settled(): boolean {
    return this.done || this.#begun
  }

  push(bytes: Buffer): boolean {
    let at = 0
    while (at < bytes.length && at >= 0)
      at = this.#inString ? this.#string(bytes, at) : this.#token(bytes, at)
    return at >= 0
  }

  /** The index after the string, or after the bytes; -1 when the document is not wanted. */
  #string(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at]
      if (this.#escaped) this.#escaped = false
      else if (byte === BACKSLASH) this.#escaped = true
      else if (byte === QUOTE) break
      at += 1
    }
    const end = Math.min(at + 1, bytes.length)
    if (this.#kept !== undefined && !this.#keep(bytes.toString('latin1', from, end))) return -1
    if (at === bytes.length) return end
    this.#inString = false
    return this.#kept === undefined || this.#takeKept() ? end : -1
  }

  /** The same for what stands outside of strings. */
  #token(bytes: Buffer, at: number): number {
    const byte = bytes[at] as number
    const isBetween = byte <= SPACE || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET
    return (isBetween ? this.#between(byte) : this.#character(byte)) ? at + 1 : -1
  }

  /** What stands between values, and ends a number. */
  #between(byte: number): boolean {
    if (this.#kept !== undefined && !this.#takeKept()) return false
    if (byte <= SPACE) return true
    if (byte !== COMMA) return this.#close()
    this.#expects = this.#objects[this.#depth - 1] === true ? 'name' : 'value'
    return this.#depth > 0
  }

  #character(byte: number): boolean {
    if (this.done) {
      this.done = false
      this.#expects = 'value'
    }
    if (byte === QUOTE) return this.#openString()
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#open(byte)
    if (byte === COLON) this.#expects = 'value'
    else if (this.#expects === 'value' && !this.#begin(byte)) return this.#depth === 0 && MARK.includes(byte)
    return this.#kept === undefined || this.#keep(String.fromCharCode(byte))
  }

  #openString(): boolean {
    this.#inString = true
    if (this.#expects === 'value') {
      if (!this.#begin(QUOTE)) return false
      if (this.#kept !== undefined) this.#kept = '"'
    } else if (this.#isNamed()) {
      if (this.#depth === this.#level) this.#member = ''
      else this.#inner = ''
      this.#kept = '"'
    }
    return true
  }

  /** Whether the names of this level are looked at: those of a message and of its result. */
  #isNamed(): boolean {
    if (this.#expects !== 'name') return false
    return this.#depth === this.#level || (this.#depth === this.#level + 1 && this.#member === 'result')
  }

  #open(byte: number): boolean {
    if (!this.#begin(byte)) return false
    if (this.#depth < OUTER_LEVELS) this.#objects[this.#depth] = byte === OPEN_BRACE
    this.#depth += 1
    this.#objects.length = Math.min(this.#depth, OUTER_LEVELS)
    this.#expects = byte === OPEN_BRACE ? 'name' : 'value'
    return true
  }

  #close(): boolean {
    if (this.#depth === 0) return false
    this.#depth -= 1
    this.#objects.length = Math.min(this.#depth, OUTER_LEVELS)
    this.#expects = 'neither'
    this.done = this.#depth === 0
    return this.#depth !== this.#level - 1 || this.#handler.ends(this.#draft)
  }

  /** A value begins with this byte. */
  #begin(byte: number): boolean {
    const expected = this.#expects === 'value'
    if (this.#depth === 0) return expected && this.#beginDocument(byte)
    this.#expects = 'neither'
    if (this.#depth === 1 && this.#level === 2) return this.#beginMessage(byte)
    if (this.#depth === this.#level) return expected && this.#beginMember(byte)
    if (this.#depth === this.#level + 1 && this.#member === 'result') this.#beginInner(byte)
    return true
  }

  #beginDocument(byte: number): boolean {
    this.#level = byte === OPEN_BRACKET ? 2 : 1
    return byte === OPEN_BRACKET || this.#beginMessage(byte)
  }

  #beginMessage(byte: number): boolean {
    this.#draft = newDraft()
    this.#begun = false
    return byte === OPEN_BRACE
  }

  #beginMember(byte: number): boolean {
    const draft = this.#draft
    switch (this.#member) {
      case 'id':
        // Else it is null, true, false, an object or an array: no id.
        if (byte === QUOTE || byte < COLON) this.#kept = ''
        return true
      case 'method':
        draft.method = true
        return true
      case 'error':
        draft.error = true
        return true
      case 'result':
        draft.result = true
        this.#begun = draft.id !== undefined && this.#handler.begins(draft.id)
        return draft.id === undefined || this.#begun
      default:
        return true
    }
  }

  #beginInner(byte: number): void {
    if (byte === OPEN_BRACKET && isListName(this.#inner)) this.#draft.listed = true
    if (byte === LETTER_T && this.#inner === 'isError') this.#draft.toolFailed = true
  }

  /** False when an id is too long; a name that is so long is none of those that matter. */
  #keep(text: string): boolean {
    this.#kept += text
    if ((this.#kept as string).length <= MAX_KEPT_CHARACTERS) return true
    this.#kept = undefined
    return this.#expects === 'name'
  }

  /** A name of an object that matters, or an id, is whole. */
  #takeKept(): boolean {
    const text = Buffer.from(this.#kept as string, 'latin1').toString('utf8')
    this.#kept = undefined
    if (this.#expects !== 'name') {
      this.#draft.id = text
      return isJson(text)
    }
    this.#expects = 'neither'
    if (!isJson(text)) return false
    return this.#takeName(JSON.parse(text) as string)
  }

  #takeName(name: string): boolean {
    if (this.#depth !== this.#level) {
      this.#inner = name
      return true
    }
    this.#member = name
    const folded = foldName(name)
    if (!MEMBERS.has(folded)) return true
    const { seen } = this.#draft
    const isNew = !seen.has(folded)
    seen.add(folded)
    return isNew && folded === name
  }
}

function newDraft(): Draft {
  const nothing = { id: undefined, method: false, result: false, error: false }
  return { ...nothing, toolFailed: false, listed: false, seen: new Set() }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
