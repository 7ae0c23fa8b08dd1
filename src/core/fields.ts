// HTTP header fields as node hands them over before any merging: name, value, name, value. Merged views hide
// duplicates (a second Authorization, two Hosts), and duplicates are attacks.

/** Flat list of field names and values, in wire order. */
export type Fields = readonly string[]

const NOTHING: readonly string[] = []
/** The bit that differs between a lower-case letter and its capital in ASCII. */
const LOWER = 0x20

/** Every value sent under a name, in order. `name` is lower case and begins with a letter. */
export function valuesOf(fields: Fields, name: string): readonly string[] {
  const first = name.charCodeAt(0)
  let values: string[] | undefined
  for (let i = 0; i < fields.length; i += 2) {
    const candidate = fields[i] as string
    // Most names differ in length or in the first letter, so these are compared first.
    if (candidate.length !== name.length || (candidate.charCodeAt(0) | LOWER) !== first) continue
    if (candidate !== name && candidate.toLowerCase() !== name) continue
    const value = fields[i + 1] as string
    if (values === undefined) values = [value]
    else values.push(value)
  }
  return values ?? NOTHING
}

/** The one value sent under a name; undefined when there is none, or more than one. */
export function onlyValue(fields: Fields, name: string): string | undefined {
  const values = valuesOf(fields, name)
  return values.length === 1 ? values[0] : undefined
}

/** RFC 9110 §5.6.3: what may surround a value is spaces and tabs; `trim` would take more than that. */
export function trimSpace(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start += 1
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1
  return value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
