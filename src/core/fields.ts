// HTTP header fields as node hands them over before any merging: name, value, name, value. Merged views hide
// duplicates (a second Authorization, two Hosts), and duplicates are attacks.

/** Flat list of field names and values, in wire order. */
export type Fields = readonly string[]

/** Every value sent under a name, in order. `name` is lower case. */
export function valuesOf(fields: Fields, name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const candidate = fields[i] as string
    if (candidate.length === name.length && candidate.toLowerCase() === name)
      values.push(fields[i + 1] as string)
  }
  return values
}

/** The one value sent under a name; undefined when there is none, or more than one. */
export function onlyValue(fields: Fields, name: string): string | undefined {
  const values = valuesOf(fields, name)
  return values.length === 1 ? values[0] : undefined
}
