// The name of a text by what stands in it: what `sha256sum` prints of a file with this text. For anybody to check; a
// secret is not hidden by it (keyed-digest.ts is for those).
import { createHash } from 'node:crypto'

/** SHA-256, as 64 hexadecimal digits. */
export function contentDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
