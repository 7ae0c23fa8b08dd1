// Spans of a JSON document that are replaced or cut out; every other byte stays as it was.
import type { Value } from './shape.ts'
import type { Source } from './source.ts'

/** A piece of the document that is replaced, by ASCII. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Each dropped item goes with the comma before it; when the first goes, with the one before the next kept. */
export function cutsOf(list: Value, keeps: (item: Value) => boolean): readonly Edit[] {
  const cuts: Edit[] = []
  let end = list.start + 1 // after the bracket, or after the last item that was looked at
  let kept = 0
  for (const item of list.items ?? []) {
    if (keeps(item)) {
      if (kept === 0 && end > list.start + 1) cuts.push({ start: end, end: item.start, text: '' })
      kept += 1
    } else cuts.push({ start: end, end: item.end, text: '' })
    end = item.end
  }
  return cuts
}

/** The edits may come in any order; they never overlap. */
export function applyEdits({ latin1 }: Source, edits: readonly Edit[]): string {
  const pieces: string[] = []
  let at = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    pieces.push(latin1.slice(at, edit.start), edit.text)
    at = edit.end
  }
  pieces.push(latin1.slice(at))
  return pieces.join('')
}
