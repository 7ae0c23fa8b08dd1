// Questions to a person at a terminal. What is typed after a hidden one is not shown and not kept. Used by main.ts
// alone; commands get it as `io.terminal`, and have none in a pipe.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Terminal } from './command.ts'

export function openTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Terminal {
  const ask = async (question: string, hidden: boolean): Promise<string> => {
    output.write(question)
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input, output: hidden ? silent : output, terminal: true, historySize: 0 })
    const interrupted = new Promise<string>((resolve) => lines.once('SIGINT', () => resolve('')))
    try {
      return await Promise.race([lines.question(''), interrupted])
    } finally {
      lines.close()
      if (hidden) output.write('\n')
    }
  }
  return { ask: (question) => ask(question, false), askHidden: (question) => ask(question, true) }
}
