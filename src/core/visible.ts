// Characters that nobody sees and that a terminal or an editor acts on: control characters (U+009B begins a sequence as
// ESC [ does), format characters, separators of lines and paragraphs. Written as `\u009b`, which in JSON means the same.

const UNSEEN = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu
/** The same, and the control characters of ASCII except line feed and tab. */
const UNSEEN_IN_TEXT = /[\x00-\x08\x0b-\x1f\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu
const ASCII = /^[\n\t\x20-\x7e]*$/

/** For a JSON text; JSON itself escapes the control characters of ASCII. */
export function visibleJson(text: string): string {
  return ASCII.test(text) ? text : text.replace(UNSEEN, escaped)
}

/** For any text of lines. */
export function visibleText(text: string): string {
  return ASCII.test(text) ? text : text.replace(UNSEEN_IN_TEXT, escaped)
}

function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, unit) => {
    return `\\u${char.charCodeAt(unit).toString(16).padStart(4, '0')}`
  }).join('')
}
