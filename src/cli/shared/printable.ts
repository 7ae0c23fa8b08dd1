// Text of others on a person's terminal: nothing in it may move the cursor, change colours or hide other text.
import { visibleText } from '../../core/visible.ts'

/** Control and format characters as `\u{…}`, at most `limit` characters. */
export function printable(text: string, limit = 400): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text
  return shown.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Lines with names in them: no name ends its line, and so none makes one up. */
export function printableLines(lines: readonly string[]): string {
  return lines.map((line) => visibleText(line).replaceAll('\n', '\\u000a')).join('\n')
}
