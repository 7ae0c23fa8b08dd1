// What the demo prints: one short line per step with a mark, details below it, and for a step that went wrong what
// was expected and what was seen. Colours only when told so; never a token.
import { styleText } from 'node:util'
import type { Io } from '../shared/command.ts'

type Style = 'green' | 'red' | 'dim' | 'bold'

export interface Transcript {
  heading(text: string): void
  passed(title: string, details: readonly string[]): void
  failed(title: string, details: readonly string[]): void
  plain(text: string): void
  /** How many steps passed. */
  readonly count: number
}

export function createTranscript(io: Pick<Io, 'stdout' | 'colour'>): Transcript {
  const paint = (style: Style, text: string) =>
    io.colour ? styleText(style, text, { validateStream: false }) : text
  const line = (text: string) => io.stdout.write(`${text}\n`)
  let count = 0
  return {
    heading(text) {
      line(`\n${paint('bold', text)}`)
    },
    passed(title, details) {
      count += 1
      line(`  ${paint('green', '✓')} ${title}`)
      for (const detail of details) line(`      ${paint('dim', detail)}`)
    },
    failed(title, details) {
      line(`  ${paint('red', '✗')} ${title}`)
      for (const detail of details) line(`      ${detail}`)
    },
    plain: line,
    get count() {
      return count
    },
  }
}

/** A step that did not go as it should. Thrown inside a step, caught by `step` alone. */
class Unexpected extends Error {
  readonly details: readonly string[]

  constructor(what: string, expected: string, seen: string) {
    super(what)
    this.details = [what, `expected: ${expected}`, `seen:     ${seen}`]
  }
}

/** Goes on when `seen` is `expected`, as JSON. */
export function expectSame(what: string, seen: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(expected)]
  if (left !== right) throw new Unexpected(what, right ?? 'nothing', left ?? 'nothing')
}

/** Goes on when `seen` holds; `expected` says what should have been. */
export function expectThat(what: string, holds: boolean, expected: string, seen: string): void {
  if (!holds) throw new Unexpected(what, expected, seen)
}

/** Runs one step, which returns the details to show. False when it went wrong. */
export async function step(
  transcript: Transcript,
  title: string,
  run: () => Promise<readonly string[]>,
): Promise<boolean> {
  try {
    transcript.passed(title, await run())
    return true
  } catch (error) {
    const details =
      error instanceof Unexpected
        ? error.details
        : [error instanceof Error ? `${error.name}: ${error.message}` : String(error)]
    transcript.failed(title, details)
    return false
  }
}
