// The data of server-sent events (WHATWG HTML §9.2.6), for clients of our own: the text of a stream as it comes becomes
// the data of each event that has ended. What is forwarded is split by mcp/events.ts, which keeps every byte.

export interface EventReader {
  /** Data of the events that end in this piece, but for those that have none. Undefined once an event is too large. */
  push(piece: string): readonly string[] | undefined
}

/** @param maxChars of one event */
export function createEventReader(maxChars: number): EventReader {
  const takeLines = createLineReader()
  let data: string[] = []
  let size = 0
  const endEvent = (): readonly string[] => {
    const whole = data.join('\n')
    data = []
    size = 0
    return whole === '' ? [] : [whole]
  }
  const takeLine = (line: string): readonly string[] => {
    if (line === '') return endEvent()
    size += line.length
    const value = dataIn(line)
    if (value !== undefined) data.push(value)
    return []
  }
  return {
    push(piece) {
      const { lines, unended } = takeLines(piece)
      const events = lines.flatMap(takeLine)
      return size + unended > maxChars ? undefined : events
    },
  }
}

const LINE_END = /\r\n|\r|\n/

interface TakenLines {
  readonly lines: readonly string[]
  /** Characters of the line that goes on. */
  readonly unended: number
}

/** A CR ends its line at once; an LF may follow, even in the next piece. */
function createLineReader(): (piece: string) => TakenLines {
  let begun = ''
  let isAfterCr = false
  return (piece) => {
    const text = isAfterCr && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece !== '') isAfterCr = piece.endsWith('\r')
    const lines = text.split(LINE_END)
    lines[0] = begun + (lines[0] ?? '')
    begun = lines.pop() ?? ''
    return { lines, unended: begun.length }
  }
}

/** What a line adds to the data of its event; undefined for other fields and comments. */
function dataIn(line: string): string | undefined {
  if (line === 'data') return ''
  if (!line.startsWith('data:')) return undefined
  return line.slice(line.startsWith('data: ') ? 6 : 5)
}
