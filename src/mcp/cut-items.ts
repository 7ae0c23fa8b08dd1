// Replaces or cuts out spans of a JSON document; every other byte stays the same.
import type { Value } from './shape.ts'
import type { Source } from './source.ts'

/** A span of the document, and the ASCII text that replaces it. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Cuts each dropped item together with the comma before it. When the first item is dropped, the comma before the next
 * kept one goes too.
 */
export function cutsOf(list: Value, keeps: (item: Value) => boolean): readonly Edit[] {
  const cuts: Edit[] = []
  let end = list.start + 1 // after the bracket, or after the last item that was read
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
