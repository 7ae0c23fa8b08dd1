// Reads how a call ended, for the audit. It is read after the answer was sent. An answer that cannot be read strictly
// has no outcome, and nothing depends on it.
import { answersOf, type JsonRpcAnswer, readAnswers, withoutMark } from './answer.ts'
import { SPAN, shapeOf } from './shape.ts'

/** `tool_error`: a result with `isError`. `none`: there is no response, or none that can be read. */
export type AnswerOutcome = 'result' | 'error' | 'tool_error' | 'none'

const ENVELOPE = {
  jsonrpc: SPAN,
  id: SPAN,
  method: SPAN,
  result: shapeOf({ isError: SPAN }),
  error: shapeOf({}, { code: SPAN }),
}
const SHAPE = answersOf(ENVELOPE)

/** Returns the outcome; for a batch the worst one. `text` holds the same bytes as latin1. */
export function readOutcome(bytes: Buffer, text = bytes.toString('latin1')): AnswerOutcome {
  if (!mayBeMore(text)) return text.includes('"result"') ? 'result' : 'none'
  const read = readAnswers(withoutMark(bytes), SHAPE)
  if (read === undefined) return 'none'
  return read.answers.map(outcomeOf).reduce((worst, next) => (RANK[next] > RANK[worst] ? next : worst))
}

/** A number of JSON-RPC is a short one. */
const CODE = /^-?\d{1,10}$/

/** Returns the code of the first error, as it is written; undefined when it has none that is a short number. */
export function readErrorCode(bytes: Buffer): string | undefined {
  const json = withoutMark(bytes)
  const error = readAnswers(json, SHAPE)?.answers.find((answer) => answer.error !== undefined)?.error
  const code = error?.members?.get('code')
  const text = code?.kind === 'number' ? json.toString('latin1', code.start, code.end) : ''
  return CODE.test(text) ? text : undefined
}

/** Without one of these words, a response with a result has no error. An escape could spell each of them. */
function mayBeMore(text: string): boolean {
  if (text.includes('"method"') || text.includes('\\u') || text.includes('"error"')) return true
  for (let at = text.indexOf('"isError"'); at >= 0; at = text.indexOf('"isError"', at + 1)) {
    IS_FALSE.lastIndex = at
    if (!IS_FALSE.test(text)) return true
  }
  return false
}

const IS_FALSE = /"isError"\s*:\s*false\b/y

const RANK: Readonly<Record<AnswerOutcome, number>> = { none: 0, result: 1, tool_error: 2, error: 3 }

function outcomeOf({ method, result, error }: JsonRpcAnswer): AnswerOutcome {
  if (method) return 'none'
  if (error !== undefined) return 'error'
  if (result === undefined) return 'none'
  return result.members?.get('isError')?.kind === 'true' ? 'tool_error' : 'result'
}
