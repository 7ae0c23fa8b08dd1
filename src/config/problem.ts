// Something wrong or doubtful in the file, and how it is shown to a person: file:line:column, the sentence, the
// line and a caret. It does not decide what is wrong, and it never shows a secret that stands in the line.

export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** How many characters of the line are meant; at least 1. */
  readonly length: number
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** The line as written, secrets masked; empty when there is no text to show. */
  readonly source: string
}

/** A stretch of the text, as offsets; `end` is exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Keys whose value is a secret, however they are misspelt: `client_secrt: hunter2`. */
const SECRET_KEY =
  /((?:^|[\s{,"'])(?:[\w-]*(?:secr|token|passw|private|_key|credential)[\w-]*|value)["']?\s*:\s*)(?!\$\{|file:|\s)([^#\n]+)/gi
/** A long run that mixes cases and digits: a key or a token that stands somewhere else, as in a PEM block. */
const RANDOM_RUN = /(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*\d)[\w+/=-]{20,}/g

/** Asterisks instead of whatever could be a secret, so that columns still agree. */
export function maskSecrets(line: string): string {
  return line
    .replace(SECRET_KEY, (_, key: string, value: string) => key + value.replace(/[^\s,}\]]/g, '*'))
    .replace(RANDOM_RUN, (run) => '*'.repeat(run.length))
}

export type ToProblem = (range: Range, severity: Problem['severity'], message: string) => Problem

/** Makes problems from places in a text. */
export function problemsIn(file: string, text: string): ToProblem {
  const starts = lineStarts(text)
  return (range, severity, message) => {
    const line = lineOf(starts, range.start)
    const lineStart = starts[line - 1] as number
    const lineEnd = endOfLine(text, range.start)
    return {
      file,
      line,
      column: range.start - lineStart + 1,
      length: Math.max(1, Math.min(range.end, lineEnd) - range.start),
      severity,
      message,
      source: maskSecrets(text.slice(lineStart, lineEnd)),
    }
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** From 1: the last line that begins at or before `offset`. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle
  }
  return low + 1
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  const last = end === -1 ? text.length : end
  return text[last - 1] === '\r' && last > from ? last - 1 : last
}

/** A problem that has no place in the text, such as a file that cannot be read. */
export function problemOfFile(file: string, severity: Problem['severity'], message: string): Problem {
  return { file, line: 1, column: 1, length: 1, severity, message, source: '' }
}

export function compareProblems(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column
}

/** `file:line:column: message`, then the line and a caret under what is meant. */
export function renderProblem(problem: Problem): string {
  const { file, line, column, length, severity, message, source } = problem
  const words = severity === 'warning' ? `warning: ${message}` : message
  const head = `${file}:${line}:${column}: ${words}`
  if (source === '') return head
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ')
  return `${head}\n    ${source}\n    ${indent}${'^'.repeat(length)}`
}
