// Which of the recent calls a person looks for: words that all have to fit, as one types them into the console.
// `refused` or `subject:ada tool:add_note`; a word without a name may stand in any field. Pure, and linear in the length
// of the call.
import type { RecentCall } from './recent-call.ts'

/** Of what is typed; what stands behind is not looked at. */
const MAX_FILTER_CHARS = 200
/** The same, of words. */
const MAX_WORDS = 8

/** The fields that a word may name: `reason:rate_limited`. */
const FIELDS: Readonly<Record<string, (call: RecentCall) => string>> = {
  route: ({ route }) => route,
  method: ({ method }) => method,
  tool: ({ target }) => target,
  subject: ({ subject }) => subject,
  client: ({ client }) => client,
  issuer: ({ issuer }) => issuer,
  address: ({ address }) => address,
  rule: ({ rule }) => rule,
  decision: decisionOf,
  reason: ({ refusal }) => refusal?.reason ?? '',
  observed: ({ would }) => would?.reason ?? '',
  status: ({ status }) => String(status),
  id: ({ id }) => id,
}

export const FILTER_FIELDS: readonly string[] = Object.keys(FIELDS)

export function createCallFilter(text: string): (call: RecentCall) => boolean {
  const words = text.slice(0, MAX_FILTER_CHARS).toLowerCase().split(/\s+/)
  const tests = words
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS)
    .map(testOf)
  return (call) => tests.every((fits) => fits(call))
}

/** A name without a value asks for calls that have one: `observed:`. */
function testOf(word: string): (call: RecentCall) => boolean {
  const colon = word.indexOf(':')
  const name = word.slice(0, Math.max(0, colon))
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
  const wanted = word.slice(colon + 1)
  if (field === undefined) return (call) => ALL.some((each) => holds(each(call), word))
  return wanted === '' ? (call) => field(call) !== '' : (call) => holds(field(call), wanted)
}

const ALL = Object.values(FIELDS)

function holds(value: string, wanted: string): boolean {
  return value.toLowerCase().includes(wanted)
}

function decisionOf({ refusal }: RecentCall): string {
  return refusal === undefined ? 'allowed' : 'refused'
}
