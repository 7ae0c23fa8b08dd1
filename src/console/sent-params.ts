// The parameters of a call as an approver reads them: whole, a member a line, with the digits of numbers as they were sent.
// Each string stands by itself, so that what is written in it turns or hides nothing around it. It reads canonical JSON
// (approvals/canonical-json.ts), which is at most 64 deep, and decides nothing.
import { html } from 'hono/html'
import { visibleJson } from '../core/visible.ts'
import type { ConsoleMarkup } from './page.ts'

/** A string, a bracket with nothing in it, a mark, or a number or word. */
const TOKENS = /"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]|[^"{}[\],:]+/g
const INDENT = '  '

export function sentParams(json: string): ConsoleMarkup {
  return html`<pre class="sent" dir="ltr">${printed(json)}</pre>`
}

function printed(json: string): readonly (ConsoleMarkup | string)[] {
  let depth = 0
  const line = () => `\n${INDENT.repeat(depth)}`
  return (json.match(TOKENS) ?? []).map((token) => {
    switch (token) {
      case '{':
      case '[':
        depth += 1
        return token + line()
      case '}':
      case ']':
        depth -= 1
        return line() + token
      case ',':
        return token + line()
      case ':':
        return ': '
      default:
        return token.startsWith('"') ? html`<bdi>${visibleJson(token)}</bdi>` : token
    }
  })
}
