// How a call ended, for the audit: read from the answer, whose bytes are long on their way. An answer that
// cannot be read strictly has no outcome; nothing depends on it.
import { type Answer, readAnswers, withoutMark } from './answer.ts'
import { SPAN, shapeOf, type Value } from './scan.ts'

/** `tool_error`: a result with `isError`. `none`: no response in it, or none that can be read. */
export type OutcomeKind = 'result' | 'error' | 'tool_error' | 'none'

export interface Outcome {
  readonly kind: OutcomeKind
  /** The JSON-RPC error code of an `error`, when it is a safe integer. */
  readonly code: number | undefined
}

const ENVELOPE = {
  jsonrpc: SPAN,
  id: SPAN,
  method: SPAN,
  result: shapeOf({ isError: SPAN }),
  error: shapeOf({ code: SPAN }),
}
const SHAPE = shapeOf(ENVELOPE, shapeOf(ENVELOPE))

/** Of a batch, the worst. */
export function readOutcome(bytes: Buffer): Outcome {
  if (!mayBeMore(bytes)) return { kind: bytes.includes('"result"') ? 'result' : 'none', code: undefined }
  const read = readAnswers(withoutMark(bytes), SHAPE)
  if (read === undefined) return { kind: 'none', code: undefined }
  const outcomes = read.answers.map((answer) => outcomeOf(read.text, answer))
  return outcomes.reduce((worst, next) => (RANK[next.kind] > RANK[worst.kind] ? next : worst))
}

/** Without one of these words, what has a result has nothing but a result. An escape could spell any of them. */
function mayBeMore(bytes: Buffer): boolean {
  if (bytes.includes('ethod') || bytes.includes('\\u')) return true
  for (let at = bytes.indexOf('rror'); at >= 0; at = bytes.indexOf('rror', at + 1)) {
    if (!IS_FALSE.test(bytes.toString('latin1', at, at + IS_FALSE_LENGTH))) return true
  }
  return false
}

/** The rest of `"isError": false`. */
const IS_FALSE = /^rror"\s{0,9}:\s{0,9}false\b/
const IS_FALSE_LENGTH = 30

const RANK: Readonly<Record<OutcomeKind, number>> = { none: 0, result: 1, tool_error: 2, error: 3 }

function outcomeOf(text: string, { method, result, error }: Answer): Outcome {
  if (method) return { kind: 'none', code: undefined }
  if (error !== undefined) return { kind: 'error', code: codeOf(text, error.members?.get('code')) }
  if (result === undefined) return { kind: 'none', code: undefined }
  return { kind: result.members?.get('isError')?.kind === 'true' ? 'tool_error' : 'result', code: undefined }
}

function codeOf(text: string, code: Value | undefined): number | undefined {
  const number = code?.kind === 'number' ? Number(text.slice(code.start, code.end)) : undefined
  return Number.isSafeInteger(number) ? number : undefined
}
