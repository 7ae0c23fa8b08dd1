// Time in conditions: `timestamp("2026-12-31T00:00:00Z")` and the parts of `now`, in UTC or in a named time zone.

import { ConditionFault, isKnown } from './outcome.ts'
import { ConditionError, type Term } from './term.ts'
import { typeName } from './types.ts'
import { Instant } from './value.ts'

type Place = { readonly start: number; readonly end: number }

/** The cost of the wall clock of a zone, in steps. */
const ZONE_STEPS = 20

const NOT_TIME = new ConditionFault('a date part of a value that is not a timestamp')

/** RFC 3339 §5.6 */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** The parts as CEL numbers them: months and days of the week from 0, the date from 1. */
const PARTS: ReadonlyMap<string, (date: Date) => number> = new Map([
  ['getFullYear', (date: Date) => date.getUTCFullYear()],
  ['getMonth', (date: Date) => date.getUTCMonth()],
  ['getDate', (date: Date) => date.getUTCDate()],
  ['getDayOfWeek', (date: Date) => date.getUTCDay()],
  ['getHours', (date: Date) => date.getUTCHours()],
  ['getMinutes', (date: Date) => date.getUTCMinutes()],
])

export const TIME_METHODS: readonly string[] = [...PARTS.keys()]

export function timestamp(args: readonly Term[], place: Place): Term {
  const text = args.length === 1 ? args[0]?.literal : undefined
  const ms = typeof text === 'string' && DATE_TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) {
    throw new ConditionError('expected a time such as timestamp("2026-12-31T00:00:00Z")', place)
  }
  const instant = new Instant(ms)
  return { type: 'timestamp', size: 1, run: () => instant }
}

export function timeMethod(name: string, time: Term, args: readonly Term[], place: Place): Term {
  if (time.type !== 'timestamp' && time.type !== 'dyn') {
    throw new ConditionError(`expected a timestamp, found ${typeName(time.type)}`, place)
  }
  const part = PARTS.get(name) as (date: Date) => number
  const local = args.length === 0 ? (ms: number) => new Date(ms) : inZone(args, place)
  return {
    type: 'number',
    size: time.size + (args.length === 0 ? 1 : ZONE_STEPS),
    run: (frame) => {
      const value = time.run(frame)
      if (!isKnown(value)) return value
      return value instanceof Instant ? part(local(value.ms)) : NOT_TIME
    },
  }
}

/** Returns the wall clock of a zone as if it were UTC. */
function inZone(args: readonly Term[], place: Place): (ms: number) => Date {
  const zone = args.length === 1 ? args[0]?.literal : undefined
  const format = typeof zone === 'string' ? formatOf(zone) : undefined
  if (format === undefined) throw new ConditionError('expected a time zone such as "Europe/Paris"', place)
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const of = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
    return new Date(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')))
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...numeric })
  } catch {
    return undefined
  }
}
