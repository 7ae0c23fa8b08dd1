// What a command prints, whoever chose the words: nothing in it can act on a terminal. Only the transcript of `demo` has
// colours of its own, and only where the terminal wants them.
import { visibleText } from '../../core/visible.ts'
import type { Io, Output } from './command.ts'

/** Select Graphic Rendition, as `styleText` of node writes it. */
const STYLE = /(\x1b\[\d{1,2}m)/

export function visibleIo(io: Io): Io {
  const { terminal } = io
  return {
    ...io,
    stdout: visible(io.stdout, io.colour),
    stderr: visible(io.stderr, io.colour),
    terminal: terminal && {
      ask: (question) => terminal.ask(visibleText(question)),
      askHidden: (question) => terminal.askHidden(visibleText(question)),
    },
  }
}

function visible(output: Output, styled: boolean): Output {
  return { write: (text) => output.write(styled ? visibleButStyle(text) : visibleText(text)) }
}

function visibleButStyle(text: string): string {
  return text
    .split(STYLE)
    .map((part, index) => (index % 2 === 1 ? part : visibleText(part)))
    .join('')
}
