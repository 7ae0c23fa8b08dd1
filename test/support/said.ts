// Waits for what a child process says on its standard error, and goes on reading, so that the child never meets a
// closed pipe.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Resolves when the words were said; rejects when the child ends without them. */
export function said(child: ChildProcess, words: string): Promise<void> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-100_000)
      if (text.includes(words)) resolve()
    })
    child.once('exit', () => reject(new Error(`it ended without saying ${words}: ${text}`)))
  })
}

/** Ends a child for good. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
