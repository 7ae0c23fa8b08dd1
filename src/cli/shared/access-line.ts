// An entry of the access log as a line on a terminal: `12:04:05 ada · Claude Code · echo · allowed · 12 ms`. Strangers
// chose the names in it: none can act on the terminal, look like another part of the line, or push the outcome out of it.
import type { AccessEntry } from '../../observe/access-entry.ts'
import { clockTime } from '../../observe/clock-time.ts'
import { displayWidth, fitted } from './display-width.ts'

export interface LineStyle {
  /** Of the terminal; 0 where it does not say. */
  readonly columns: number
  readonly colour: boolean
}

export const SEPARATOR = ' · '
const USUAL_COLUMNS = 100
const TIME_COLUMNS = 9
/** Select Graphic Rendition. */
const STYLES: Readonly<Record<AccessEntry['kind'], string | undefined>> = {
  call: undefined,
  quiet: '\x1b[2m',
  refused: '\x1b[33m',
  event: undefined,
}

export function accessLine(entry: AccessEntry, { columns, colour }: LineStyle): string {
  const width = columns > 0 ? columns : USUAL_COLUMNS
  const parts = [entry.who, entry.client, entry.what].filter((name) => name !== '').map(shownPart)
  const outcome = shownSentence(entry.outcome)
  const took = entry.durationMs === undefined ? [] : [duration(entry.durationMs)]
  const separators = (parts.length + took.length) * SEPARATOR.length
  const room = width - TIME_COLUMNS - separators - displayWidth(took.join(''))
  const said = fitted(outcome, Math.max(room - smallest(parts), Math.floor(room / 2)))
  const names = shareOut(parts, room - displayWidth(said))
  const line = fitted(`${clockTime(entry.at)} ${[...names, said, ...took].join(SEPARATOR)}`, width)
  const style = colour ? STYLES[entry.kind] : undefined
  return style === undefined ? line : `${style}${line}\x1b[0m`
}

/** How many entries could not be told. */
export function missedLine(count: number): string {
  return `… ${count} more, too many to read`
}

/** What acts on a terminal, or is not seen at all. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu
/** Marks that pile up over the lines around them. */
const PILED = /(\p{M}{2})\p{M}+/gu
/** What could be taken for the end of a part: dots like ours, quotes like ours, blanks at an end or together. */
const CONFUSING = /[·•‧∙⋅・･᛫⸱"…]|^ | $| {2}/u

function visible(text: string): string {
  return text.replace(UNSEEN, '�').replace(PILED, '$1')
}

/** What others chose as a part of a line: it cannot look like two. */
export function shownPart(text: string): string {
  const seen = visible(text)
  return CONFUSING.test(seen) ? JSON.stringify(seen) : seen
}

/** As much as an IPv4 address. */
const MIN_NAME_COLUMNS = 15

/** Words of ours, with names in them. */
export function shownSentence(text: string): string {
  return visible(text).replaceAll(SEPARATOR.trim(), '�')
}

function smallest(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + Math.min(displayWidth(part), MIN_NAME_COLUMNS), 0)
}

/** Short ones whole, and long ones equally much of what is left. */
function shareOut(parts: readonly string[], room: number): readonly string[] {
  const widths = parts.map(displayWidth)
  let left = room
  let level = 0
  for (const [index, width] of [...widths].sort((a, b) => a - b).entries()) {
    level = Math.max(Math.floor(left / (widths.length - index)), 1)
    if (width > level) break
    left -= width
    level = Number.POSITIVE_INFINITY
  }
  return parts.map((part) => fitted(part, level))
}

function duration(ms: number): string {
  return ms < 9_999.5 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
