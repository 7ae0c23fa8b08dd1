// Which fields of a message are for one connection only, besides those that always are.
import { type Fields, trimSpace } from '../core/fields.ts'

/** H19, L36: names listed in Connection are hop-by-hop (RFC 9110 §7.6.1); undefined when none is listed. */
export function nominatedByConnection(fields: Fields): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const value = fields[i + 1] as string
    if (value === 'keep-alive' || value === 'close') continue
    names ??= new Set()
    for (const item of value.split(',')) names.add(trimSpace(item).toLowerCase())
  }
  return names
}
