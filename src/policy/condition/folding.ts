// Folds member names of arguments as a server's decoder may: Go's encoding/json, Jackson and System.Text.Json accept
// `Mode` for `mode`, some of them `dry-run` for `dry_run`. Where a condition asks for one name and the object holds
// another that folds to it, nobody knows what the server will read: a fault (M83).
import { ConditionFault, chargeText, type Frame, namesOf } from './outcome.ts'
import { isObject } from './value.ts'

export const VARIANT = new ConditionFault('a member that some servers read under another name')

/** How many times as much a character beyond ASCII costs to fold. */
const BEYOND_ASCII = 16

/**
 * Up to this many names, of at most SHORT characters, are folded each time, which is cheaper than keeping the result.
 */
const FEW = 8
const SHORT = 64

function isShort(name: string): boolean {
  return name.length <= SHORT
}

/** Maps each folded name to the name that the object has; to undefined where it has several. */
export type FoldedNames = ReadonlyMap<string, string | undefined>

/**
 * Unicode simple case folding, also of the Turkish letters, without `-` and `_`. Each letter is folded by itself, as
 * those decoders do: the long s becomes an s, and the Kelvin sign a k.
 */
export function foldMember(name: string): string {
  if (/^[0-9a-z]*$/.test(name)) return name
  const plain = name.replace(/[-_]/g, '')
  if (/^[\x00-\x7f]*$/.test(plain)) return plain.toLowerCase()
  return Array.from(plain.normalize('NFC'), foldLetter).join('')
}

const ALONE: ReadonlyMap<string, string> = new Map([
  ['\u0130', 'i'],
  ['\ufb05', '\ufb06'],
])

function foldLetter(letter: string): string {
  const upper = letter.toUpperCase()
  const single = upper.length > letter.length ? letter : upper
  return ALONE.get(letter) ?? single.toLowerCase()
}

/** Returns a fault where another member would be read as this one; `folded` is the name folded. */
export function variantOf(
  object: object,
  name: string,
  folded: string,
  frame: Frame,
): ConditionFault | undefined {
  const own = Object.keys(object)
  if (own.length <= FEW && own.every(isShort)) {
    return own.some((other) => other !== name && foldMember(other) === folded) ? VARIANT : undefined
  }
  const names = foldedNames(object, frame)
  if (names instanceof ConditionFault) return names
  const key = keyOf(folded)
  return names.has(key) && names.get(key) !== name ? VARIANT : undefined
}

/** Returns that fault for a name that is known only at evaluation; none where no such member exists. */
export function variantAt(value: unknown, at: unknown, frame: Frame): ConditionFault | undefined {
  return isObject(value) && typeof at === 'string' ? variantOf(value, at, foldMember(at), frame) : undefined
}

/** Returns a fault where two members would be read as one. */
export function alikeIn(object: object, frame: Frame): ConditionFault | undefined {
  const names = foldedNames(object, frame)
  if (names instanceof ConditionFault) return names
  for (const name of names.values()) if (name === undefined) return VARIANT
  return undefined
}

/** Made once for each object and evaluation. */
function foldedNames(object: object, frame: Frame): FoldedNames | ConditionFault {
  const known = frame.folded.get(object)
  if (known !== undefined) return known
  const names = namesOf(object, frame)
  if (names instanceof ConditionFault) return names
  const folded = new Map<string, string | undefined>()
  for (const name of names) {
    const spent = chargeText(frame, /[^\x00-\x7f]/.test(name) ? name.length * BEYOND_ASCII : name.length)
    if (spent) return spent
    const key = keyOf(foldMember(name))
    folded.set(key, folded.has(key) ? undefined : name)
  }
  frame.folded.set(object, folded)
  return folded
}

/**
 * V8 hashes names that look like numbers by their value, which a client may choose (M32), so a letter is put in front.
 */
function keyOf(folded: string): string {
  return `n${folded}`
}
