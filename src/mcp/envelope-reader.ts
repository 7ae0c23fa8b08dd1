// Reads the envelopes of a JSON document that goes on without being kept: the ids, and what else must be known about an
// answer of any size. It replaces cache hints in results on the way. It judges nothing.
import { parseJson } from '../lib/json.ts'
import { hintInstead, isHintName } from './caching.ts'
import { JsonPieces, OPEN_BRACE, OPEN_BRACKET, type PieceListener, QUOTE } from './json-pieces.ts'
import { isListName } from './list-members.ts'
import { foldName } from './member-names.ts'

/** One message of an upstream: the members that tell to whom the answer belongs. */
export interface Envelope {
  /** The id as raw JSON text; undefined when it is neither a string nor a number. */
  readonly id: string | undefined
  readonly method: boolean
  readonly result: boolean
  readonly error: boolean
}

/** An envelope with the other members that are read while an answer passes. */
export interface PassingEnvelope extends Envelope {
  /** Whether its result says `isError: true`. */
  readonly toolFailed: boolean
  /** Whether a member of its result is one of the lists of MCP. */
  readonly listed: boolean
  /** The method; undefined for a response, and for a method that is too long to be one of MCP. */
  readonly methodName: string | undefined
  /** The id of the task that its result says was created. */
  readonly taskId: string | undefined
  /** Whether its result only asks for input (2026-07-28), so that the call goes on in another request. */
  readonly asksInput: boolean
}

export interface EnvelopeReader {
  /**
   * Returns the bytes, with cache hints replaced. Returns undefined as soon as the document is no JSON, is ambiguous or
   * is not wanted; it reads nothing after that.
   */
  push(bytes: Buffer): Buffer | undefined
  /** Whether the document is whole. */
  readonly done: boolean
  /** Whether every message that has come or begun is wanted. */
  readonly settled: boolean
}

export interface EnvelopeHandler {
  /** Called when a message with a result and this id has begun. Returns whether it is wanted. */
  begins(id: string): boolean
  /** Called with the method of a message. Returns whether it is wanted. */
  names(method: string): boolean
  /** Called when a list begins in a result. Returns whether it is wanted. */
  lists(): boolean
  /** Called when a message is whole. Returns whether it is wanted. */
  ends(envelope: PassingEnvelope): boolean
}

const ANY: EnvelopeHandler = { begins: () => true, names: () => true, lists: () => true, ends: () => true }

/**
 * `maxTtlMs` is how long a client may keep a result, which then becomes private to the caller; with undefined nothing
 * is changed.
 */
export function createEnvelopeReader(handler: EnvelopeHandler, maxTtlMs?: number): EnvelopeReader {
  return new Reader(handler, maxTtlMs)
}

/** Reads the envelopes of a whole document, which may be of any size; undefined when it is no JSON, or ambiguous. */
export function readEnvelopes(bytes: Buffer): readonly PassingEnvelope[] | undefined {
  const envelopes: PassingEnvelope[] = []
  const reader = createEnvelopeReader({ ...ANY, ends: (envelope) => envelopes.push(envelope) > 0 })
  return reader.push(bytes) !== undefined && reader.done ? envelopes : undefined
}

/** Returns a whole document with its cache hints replaced; undefined when it is no JSON, or ambiguous. */
export function withOwnHints(bytes: Buffer, maxTtlMs: number): Buffer | undefined {
  const reader = createEnvelopeReader(ANY, maxTtlMs)
  const shown = reader.push(bytes)
  return reader.done ? shown : undefined
}

const COLON = 0x3a
const LETTER_T = 0x74

interface Draft {
  id: string | undefined
  method: boolean
  methodName: string | undefined
  result: boolean
  error: boolean
  toolFailed: boolean
  listed: boolean
  /** The strings and numbers of its result as they are written, by the path of their names. */
  readonly told: Map<string, string>
  /** The members of the envelope that were seen. */
  readonly seen: Set<string>
}

const MEMBERS: ReadonlySet<string> = new Set(['id', 'method', 'result', 'error'])
/** The members of a result that say that it created a task, of 2025-11-25 and of SEP-2663. */
const TOLD: ReadonlySet<string> = new Set(['resultType', 'taskId', 'task.taskId'])
const NOTHING = Buffer.alloc(0)

class Reader implements EnvelopeReader, PieceListener {
  readonly #handler: EnvelopeHandler
  readonly #maxTtlMs: number | undefined
  readonly #pieces = new JsonPieces(this)
  /** The depth at which the members of a message stand. */
  #level = 1
  /** The member whose value comes next: of the message, of its result, or of a task in the result. */
  #member = ''
  #inner = ''
  #innermost = ''
  #draft: Draft = newDraft()
  /** Whether the message under way was reported with `begins`, and is wanted. */
  #begun = false
  /** The bytes of this call. Those before `#from` are in `#out`, or held back until their replacement is known. */
  #bytes: Buffer = NOTHING
  #from = 0
  #withholds = false
  readonly #out: Buffer[] = []

  constructor(handler: EnvelopeHandler, maxTtlMs: number | undefined) {
    this.#handler = handler
    this.#maxTtlMs = maxTtlMs
  }

  get done(): boolean {
    return this.#pieces.done
  }

  get settled(): boolean {
    return this.done || this.#begun
  }

  push(bytes: Buffer): Buffer | undefined {
    this.#bytes = bytes
    this.#from = 0
    if (!this.#pieces.push(bytes)) return undefined
    if (this.#out.length === 0 && this.#from === 0) return this.#withholds ? NOTHING : bytes
    if (!this.#withholds) this.#out.push(bytes.subarray(this.#from))
    return Buffer.concat(this.#out.splice(0))
  }

  begins(depth: number, byte: number): boolean | 'keep' {
    if (depth === 0) return this.#beginDocument(byte)
    if (depth === 1 && this.#level === 2) return this.#beginMessage(byte)
    if (depth === this.#level) return this.#beginMember(byte)
    if (this.#isInner(depth)) return this.#beginInner(byte)
    return this.#isOfTask(depth) && TOLD.has(this.#pathAt(depth)) && isScalar(byte) ? 'keep' : true
  }

  /** Names are wanted of a message, of its result, and of a task in the result. */
  beginsName(depth: number): boolean {
    if (depth === this.#level) this.#member = ''
    else if (this.#isInner(depth)) this.#inner = ''
    else if (this.#isOfTask(depth)) this.#innermost = ''
    else return false
    return true
  }

  named(depth: number, name: string): boolean {
    if (depth !== this.#level) {
      if (this.#isInner(depth)) this.#inner = name
      else this.#innermost = name
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

  kept(depth: number, text: string | undefined): boolean {
    if (depth === this.#level && this.#member === 'method') return this.#nameMethod(parseJson(text ?? ''))
    const isTold = depth !== this.#level && !this.#withholds
    if (text === undefined || parseJson(text) === undefined) return isTold // these members are optional
    if (isTold) this.#draft.told.set(this.#pathAt(depth), text)
    else if (depth === this.#level) this.#draft.id = text
    else this.#replace(text)
    return true
  }

  closes(depth: number): boolean {
    if (depth !== this.#level - 1) return true
    const { told, ...draft } = this.#draft
    return this.#handler.ends({
      ...draft,
      taskId: createdTask(told),
      asksInput: told.get('resultType') === '"input_required"',
    })
  }

  #nameMethod(method: unknown): boolean {
    if (typeof method !== 'string') return true
    this.#draft.methodName = method
    return this.#handler.names(method)
  }

  #isInner(depth: number): boolean {
    return depth === this.#level + 1 && this.#member === 'result'
  }

  #isOfTask(depth: number): boolean {
    return depth === this.#level + 2 && this.#member === 'result' && this.#inner === 'task'
  }

  #pathAt(depth: number): string {
    return this.#isInner(depth) ? this.#inner : `${this.#inner}.${this.#innermost}`
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

  #beginMember(byte: number): boolean | 'keep' {
    const draft = this.#draft
    switch (this.#member) {
      case 'id':
        return isScalar(byte) ? 'keep' : true
      case 'method':
        draft.method = true
        return byte === QUOTE ? 'keep' : true
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

  #beginInner(byte: number): boolean | 'keep' {
    if (byte === OPEN_BRACKET && isListName(this.#inner)) {
      this.#draft.listed = true
      return this.#handler.lists()
    }
    if (byte === LETTER_T && this.#inner === 'isError') this.#draft.toolFailed = true
    if (!isScalar(byte)) return true
    if (TOLD.has(this.#inner)) return 'keep'
    if (this.#maxTtlMs === undefined || !isHintName(this.#inner)) return true
    this.#out.push(this.#bytes.subarray(this.#from, this.#pieces.at))
    this.#withholds = true
    return 'keep'
  }

  /** Called when a hint is whole, in these bytes or earlier ones: writes what replaces it. */
  #replace(text: string): void {
    this.#out.push(Buffer.from(hintInstead(this.#inner, text, this.#maxTtlMs as number)))
    this.#from = this.#pieces.at
    this.#withholds = false
  }
}

function newDraft(): Draft {
  const nothing = { id: undefined, method: false, methodName: undefined, result: false, error: false }
  return { ...nothing, toolFailed: false, listed: false, told: new Map(), seen: new Set() }
}

function createdTask(told: ReadonlyMap<string, string>): string | undefined {
  const flat = told.get('resultType') === '"task"' ? told.get('taskId') : undefined
  const id = parseJson(flat ?? told.get('task.taskId') ?? 'null')
  return typeof id === 'string' ? id : undefined
}

/**
 * Whether a value that begins with this byte is a string or a number: otherwise it is null, true, false, an object or
 * an array.
 */
function isScalar(byte: number): boolean {
  return byte === QUOTE || byte < COLON
}
