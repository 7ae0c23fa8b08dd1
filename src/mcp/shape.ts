// Says which values of a JSON document are kept: of an object the members that a shape names, of an array each item.
// Shapes are made at start-up; Members holds what is kept of one document.
import { standsAt } from '../core/bytes.ts'
import { foldName } from './member-names.ts'

/** Which values to keep. Every value is validated, whether it is kept or not. */
export interface Shape {
  /** The names of the members, in the order in which they are looked for. */
  readonly names: readonly string[]
  /** The names as bytes. */
  readonly spelled: readonly Uint8Array[]
  /** The shapes of the members, in the same order. */
  readonly shapes: readonly Shape[]
  /** The names that decide something, folded: another name that folds to one is refused (docs/decisions.md, 15). */
  readonly folded: ReadonlySet<string>
  readonly items: Shape | undefined
  /** How many items are kept; the rest are read like any other value. */
  readonly itemsKept: number
}

/** The shape of a value of which only the kind and the place matter. */
export const SPAN: Shape = {
  ...{ names: [], spelled: [], shapes: [], folded: new Set<string>() },
  ...{ items: undefined, itemsKept: 0 },
}

/** `hints`: members that are kept too, and decide nothing, so that a variant of their names is as good as any other name. */
export function shapeOf(
  members: Readonly<Record<string, Shape>>,
  hints: Readonly<Record<string, Shape>> = {},
): Shape {
  const kept = { ...members, ...hints }
  const names = Object.keys(kept)
  const spelled = names.map((name) => Buffer.from(name))
  const folded = new Set(Object.keys(members).map(foldName))
  return { ...SPAN, names, spelled, shapes: Object.values(kept), folded }
}

/** `itemsKept` should be one more than can be used, so that a list that is too long is noticed. */
export function listOf(items: Shape, itemsKept: number): Shape {
  return { ...SPAN, items, itemsKept }
}

/** The shape of one such object, or of a list of them. */
export function oneOrMany(members: Readonly<Record<string, Shape>>, itemsKept: number): Shape {
  const one = shapeOf(members)
  return { ...one, items: one, itemsKept }
}

/** Returns where the shape keeps the name that stands between two places without escapes; -1 when it does not. */
export function memberIndexOf({ spelled }: Shape, bytes: Uint8Array, start: number, end: number): number {
  for (let place = 0; place < spelled.length; place += 1) {
    const name = spelled[place] as Uint8Array
    if (name.length === end - start && standsAt(bytes, start, name)) return place
  }
  return -1
}

/** Whether a name that the shape does not have folds to one that it has. Folding replaces characters one by one. */
export function isVariant({ names, folded }: Shape, name: string): boolean {
  return names.some(({ length }) => length === name.length) && folded.has(foldName(name))
}

export interface Value {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'
  /** Where the value begins and ends in the bytes of the document; `end` is exclusive. */
  readonly start: number
  readonly end: number
  /** The kept members; undefined unless the value is an object with a shape. */
  readonly members: Members | undefined
  readonly items: readonly Value[] | undefined
}

/** Represents every value that no shape asked for. */
export const UNKEPT: Value = { kind: 'null', start: 0, end: 0, members: undefined, items: undefined }

/** The members of one object that its shape names. */
export class Members {
  readonly #names: readonly string[]
  readonly #values: (Value | undefined)[]

  constructor({ names }: Shape) {
    this.#names = names
    this.#values = new Array(names.length)
  }

  get(name: string): Value | undefined {
    return this.#values[this.#names.indexOf(name)]
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Claims a place. Returns false when it has a member already. */
  claim(place: number): boolean {
    if (this.#values[place] !== undefined) return false
    this.#values[place] = UNKEPT
    return true
  }

  set(place: number, value: Value): void {
    this.#values[place] = value
  }
}
