// Questions to a person at a terminal. What is typed after a hidden one is not shown and not kept. Used by main.ts
// alone; commands get it as `io.terminal`, and have none in a pipe.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Terminal } from './command.ts'

/** Who breaks off a question aborts `stop`; from then on nothing is asked. */
export function openTerminal(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  stop: AbortController,
): Terminal {
  const read = async (shown: Writable, prompt: string, onReady?: () => void): Promise<string | undefined> => {
    if (stop.signal.aborted) return undefined
    const lines = createInterface({ input, output: shown, terminal: true, historySize: 0 })
    lines.once('SIGINT', () => stop.abort())
    onReady?.()
    try {
      return await lines.question(prompt, { signal: stop.signal })
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') return undefined
      throw error
    } finally {
      lines.close()
    }
  }
  return {
    async ask(question) {
      // Readline clears the line that it writes its prompt on, so the question has to be that prompt.
      const answer = await read(output, question)
      if (answer === undefined) output.write('\n')
      return answer ?? ''
    },
    async askHidden(question) {
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
      // Once the terminal shows nothing of what is typed.
      const answer = await read(silent, '', () => output.write(question))
      output.write('\n')
      return answer ?? ''
    },
  }
}
