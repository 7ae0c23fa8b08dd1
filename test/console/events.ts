// Reads the event stream of the console's calls, one event after the other.
import { createEventReader } from '../../src/lib/sse.ts'

export interface ToldRows {
  readonly rows: string
  readonly tally: string
}

export interface OpenEvents {
  readonly status: number
  /** The next event; rejects where the stream ends before it. */
  next(): Promise<ToldRows>
  /** Resolves when the gateway ends the stream. */
  ended(): Promise<void>
  close(): void
}

export async function openEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<OpenEvents> {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const events = createEventReader(1_000_000)
  const waiting: string[] = []
  const read = async (): Promise<boolean> => {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) return false
    waiting.push(...(events.push(piece.value) ?? []))
    return true
  }
  return {
    status: response.status,
    async next() {
      while (waiting.length === 0) if (!(await read())) throw new Error('the stream has ended')
      return JSON.parse(waiting.shift() as string) as ToldRows
    },
    async ended() {
      while (await read());
    },
    close: () => leaving.abort(),
  }
}
