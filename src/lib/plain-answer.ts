// What every outgoing HTTP client requires of an answer: no content coding, and no more bytes than the client can hold.
// A compressed answer of a few hundred kilobytes can mean gigabytes, and a limit that counts what came over the wire
// never sees them.

/** RFC 9110 §12.5.3 */
export const ASK_PLAIN = { 'accept-encoding': 'identity' }

/** Whether an answer is compressed although it was asked for plain (RFC 9110 §8.4). */
export function isCoded(field: string | readonly string[] | null | undefined): boolean {
  const text =
    field === null || field === undefined || typeof field === 'string' ? (field ?? '') : field.join()
  return text !== '' && text.toLowerCase() !== 'identity'
}

export const CODED = 'the answer is compressed although that was not asked for'

/**
 * Undefined for more than `max` bytes; leaving the loop early destroys the stream and its connection.
 * @param isEnough asked for each piece as it comes; for streams that do not end by themselves
 */
export async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  max: number,
  isEnough?: (piece: Uint8Array) => boolean,
): Promise<readonly Uint8Array[] | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > max) return undefined
    chunks.push(chunk)
    if (isEnough?.(chunk) === true) break
  }
  return chunks
}
