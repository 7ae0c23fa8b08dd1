// A program at a pseudo-terminal, by script(1) of util-linux, and what a person sees on its screen.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

export interface AtTerminal {
  /** Resolves when the screen shows this; rejects when the program ended, or after `patienceMs` (ten seconds). */
  shows(text: string, patienceMs?: number): Promise<void>
  type(keys: string): void
  screen(): string
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>
  /** Ends the program, if it runs. */
  end(): Promise<unknown>
}

export const CTRL_C = '\u0003'
export const ENTER = '\r'

/** Why there is none here; undefined where there is. */
export function whyNoTerminal(): string | undefined {
  const { stdout, error } = spawnSync('script', ['--version'], { encoding: 'utf8' })
  return error === undefined && stdout.includes('util-linux')
    ? undefined
    : 'a pseudo-terminal needs script(1) of util-linux'
}

export function startAtTerminal(command: readonly string[], cwd: string): AtTerminal {
  const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawn('script', ['-qefc', `exec ${line}`, '/dev/null'], {
    cwd,
    env: { ...process.env, TERM: 'xterm' },
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    async shows(wanted, patienceMs = 10_000) {
      const late = AbortSignal.timeout(patienceMs)
      while (!screenOf(text).includes(wanted)) {
        if (child.exitCode !== null) throw new Error(`it ended without "${wanted}":\n${screenOf(text)}`)
        await once(child.stdout, 'data', { signal: late }).catch(() => {
          throw new Error(`it does not show "${wanted}":\n${screenOf(text)}`)
        })
      }
    },
    type: (keys) => void child.stdin.write(keys),
    screen: () => screenOf(text),
    ended,
    end() {
      if (child.exitCode === null) child.kill('SIGTERM')
      return ended
    },
  }
}

/** The lines that stand on the screen after the control sequences that readline writes (cursor to a column, erase display, erase line). */
export function screenOf(text: string): string {
  const lines = [''] as string[]
  let column = 0
  for (const [part, parameter = '', final] of text.matchAll(/\u001b\[([\d;?]*)([A-Za-z])|./gs)) {
    const line = lines.at(-1) ?? ''
    if (part === '\n') lines.push('')
    else if (part === '\r' || final === 'G') column = final === 'G' ? Number(parameter || 1) - 1 : 0
    else if (final === 'J' || final === 'K') lines[lines.length - 1] = line.slice(0, column)
    else if (final === undefined) {
      lines[lines.length - 1] = line.slice(0, column).padEnd(column) + part + line.slice(column + 1)
      column += 1
    }
  }
  return lines.join('\n')
}
