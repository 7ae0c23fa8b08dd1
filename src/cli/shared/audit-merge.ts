// The lines of several audit files in the order of time, however the files follow each other or overlap: rotated ones, and
// those of several gateways. It holds one line of each file that overlaps, and a bounded number to sort.
import { firstTimeIn, lastWriteTo, readAuditFile } from './audit-files.ts'
import { type AuditDamage, type AuditFileLine, type AuditReading, isDamage } from './audit-lines.ts'

/** What need not be read, in epoch milliseconds. */
export interface AuditSpan {
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** A file that was last written to so long before the time asked for is not opened: clocks of machines differ. */
const CLOCK_DIFFERENCE_MS = 3_600_000

/** Throws what opening a file throws. */
export async function* auditLinesOf(
  files: readonly string[],
  span: AuditSpan = {},
): AsyncGenerator<AuditReading> {
  const waiting = await beginnings(files, span)
  const open: OpenFile[] = []
  try {
    while (waiting.length > 0 || open.length > 0) {
      const next = earliest(open)
      const due = waiting[0]
      if (due !== undefined && (next === undefined || due.at <= next.head.at)) {
        waiting.shift()
        yield* advance({ lines: readAuditFile(due.file), head: undefined }, open)
      } else if (next !== undefined) {
        yield next.head
        open.splice(open.indexOf(next), 1)
        yield* advance(next, open)
      }
    }
  } finally {
    for (const { lines } of open) await lines.return(undefined)
  }
}

/** What several sources have, in the order of time as far as each of them is. */
export async function* merged(
  sources: readonly AsyncGenerator<AuditReading>[],
): AsyncGenerator<AuditReading> {
  const open: OpenFile[] = []
  try {
    for (const lines of sources) yield* advance({ lines, head: undefined }, open)
    for (let next = earliest(open); next !== undefined; next = earliest(open)) {
      yield next.head
      open.splice(open.indexOf(next), 1)
      yield* advance(next, open)
    }
  } finally {
    for (const { lines } of open) await lines.return(undefined)
  }
}

/** Lines that are nearly in order, in order. Several workers write a second's lines one after the other. */
export async function* inOrder(readings: AsyncIterable<AuditReading>): AsyncGenerator<AuditReading> {
  const kept: AuditFileLine[] = []
  let characters = 0
  for await (const reading of readings) {
    if (isDamage(reading)) {
      yield reading
      continue
    }
    const after = kept.findLastIndex(({ at }) => at <= reading.at)
    kept.splice(after + 1, 0, reading)
    characters += reading.text.length
    while (kept.length > MAX_SORTED || characters > MAX_SORTED_CHARACTERS) {
      const first = kept.shift()
      if (first === undefined) break
      characters -= first.text.length
      yield first
    }
  }
  yield* kept
}

const MAX_SORTED = 2_000
const MAX_SORTED_CHARACTERS = 8 * 1024 * 1024

interface OpenFile {
  readonly lines: AsyncGenerator<AuditReading>
  readonly head: AuditFileLine
}

/** Puts the file among the open ones with its next line; tells what is damaged before it. */
async function* advance(
  { lines }: { readonly lines: AsyncGenerator<AuditReading>; readonly head: unknown },
  open: OpenFile[],
): AsyncGenerator<AuditDamage> {
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    if (!isDamage(next.value)) {
      open.push({ lines, head: next.value })
      return
    }
    yield next.value
  }
}

function earliest(open: readonly OpenFile[]): OpenFile | undefined {
  const [first, ...others] = open
  return first && others.reduce((best, one) => (one.head.at < best.head.at ? one : best), first)
}

/** The files that may hold lines of the span, by the time of their first line. */
async function beginnings(files: readonly string[], { since, until }: AuditSpan) {
  const found: { file: string; at: number }[] = []
  for (const file of files) {
    const last = await lastWriteTo(file)
    if (since !== undefined && last < since - CLOCK_DIFFERENCE_MS) continue
    const at = (await firstTimeIn(file)) ?? last
    if (until === undefined || at < until) found.push({ file, at })
  }
  return found.sort((one, other) => one.at - other.at)
}
