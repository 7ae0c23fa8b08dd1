// How a call ended, for the audit. It is read after the answer was sent; an answer that cannot be read strictly has no
// outcome, and nothing depends on it.
import { type Answer, answersOf, readAnswers, withoutMark } from './answer.ts'
import { SPAN, shapeOf, type Value } from './shape.ts'
import { jsonOf, type Source } from './source.ts'

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
const SHAPE = answersOf(ENVELOPE)

const RESULT: Outcome = { kind: 'result', code: undefined }
const NONE: Outcome = { kind: 'none', code: undefined }

/** Of a batch, the worst. `text` are the same bytes as latin1. */
export function readOutcome(bytes: Buffer, text = bytes.toString('latin1')): Outcome {
  if (!mayBeMore(text)) return text.includes('"result"') ? RESULT : NONE
  const read = readAnswers(withoutMark(bytes), SHAPE)
  if (read === undefined) return NONE
  const outcomes = read.answers.map((answer) => outcomeOf(read.source, answer))
  return outcomes.reduce((worst, next) => (RANK[next.kind] > RANK[worst.kind] ? next : worst))
}

/** Without one of these words, a response with a result has no error. An escape could spell any of them. */
function mayBeMore(text: string): boolean {
  if (text.includes('"method"') || text.includes('\\u') || text.includes('"error"')) return true
  for (let at = text.indexOf('"isError"'); at >= 0; at = text.indexOf('"isError"', at + 1)) {
    IS_FALSE.lastIndex = at
    if (!IS_FALSE.test(text)) return true
  }
  return false
}

const IS_FALSE = /"isError"\s*:\s*false\b/y

const RANK: Readonly<Record<OutcomeKind, number>> = { none: 0, result: 1, tool_error: 2, error: 3 }

function outcomeOf(source: Source, { method, result, error }: Answer): Outcome {
  if (method) return NONE
  if (error !== undefined) return { kind: 'error', code: codeOf(source, error.members?.get('code')) }
  if (result === undefined) return NONE
  return { kind: result.members?.get('isError')?.kind === 'true' ? 'tool_error' : 'result', code: undefined }
}

function codeOf(source: Source, code: Value | undefined): number | undefined {
  const number = code?.kind === 'number' ? Number(jsonOf(source, code)) : undefined
  return Number.isSafeInteger(number) ? number : undefined
}
