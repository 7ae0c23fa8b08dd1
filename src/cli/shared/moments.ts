// Moments as people write them on a command line: `2026-11-29T14:00:00Z`, `2026-11-29`, `yesterday`, `2h`. Days are those
// of UTC, like the times in the audit.
import { parseDuration } from '../../config/text.ts'

export const MOMENT_WORDS =
  'a time such as 2026-11-29T14:00:00Z, a day such as 2026-11-29, `today`, `yesterday`, or 2h or 3d ago'

const DAY = /^\d{4}-\d{2}-\d{2}$/
/** RFC 3339 §5.6; seconds may be left out, and a time without an offset is UTC. */
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?$/i
const DAY_MS = 86_400_000

/**
 * @param edge which edge of a whole day is meant
 * @param now epoch milliseconds
 * @returns epoch milliseconds; undefined for what is no moment
 */
export function parseMoment(text: string, edge: 'start' | 'end', now: number): number | undefined {
  const spanMs = parseDuration(text)
  if (spanMs !== undefined) return now - spanMs
  const day = dayOf(text, now)
  if (day !== undefined) return edge === 'start' ? day : day + DAY_MS
  const [, date, time, offset = 'Z'] = TIME.exec(text) ?? []
  return date === undefined || time === undefined
    ? undefined
    : valid(`${date}T${time}${offset.toUpperCase()}`)
}

function dayOf(text: string, now: number): number | undefined {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  if (text === 'today') return today
  if (text === 'yesterday') return today - DAY_MS
  return DAY.test(text) ? valid(`${text}T00:00Z`) : undefined
}

/** `2026-02-30` is no day, though `Date` would take it for another one. */
function valid(iso: string): number | undefined {
  const ms = Date.parse(iso)
  if (Number.isNaN(ms)) return undefined
  const midnight = Date.parse(`${iso.slice(0, 10)}T00:00Z`)
  return new Date(midnight).toISOString().startsWith(iso.slice(0, 10)) ? ms : undefined
}
