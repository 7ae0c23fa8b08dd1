// An outside world for a command under test: everything written is kept, standard input is given.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io, Terminal } from '../../../src/cli/shared/command.ts'

export interface RecordingIo extends Io {
  readonly out: () => string
  readonly err: () => string
  /** Asks the command to end, as Ctrl-C does. */
  readonly interrupt: () => void
  /** Resolves when the whole standard output matches; the first match. */
  readonly seen: (pattern: RegExp) => Promise<RegExpExecArray>
}

export interface RecordingOptions {
  readonly stdin?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What the person at the terminal answers, in order; absent: nobody sits there. */
  readonly answers?: readonly string[]
}

export function recordingIo(options: RecordingOptions = {}): RecordingIo {
  let out = ''
  let err = ''
  const watchers = new Set<() => void>()
  const stop = new AbortController()
  async function* stdin() {
    if (options.stdin !== undefined) yield options.stdin
  }
  return {
    stdout: {
      write(text) {
        out += text
        for (const watch of watchers) watch()
      },
    },
    stderr: {
      write(text) {
        err += text
      },
    },
    stdin: stdin(),
    terminal: options.answers && scriptedTerminal(options.answers),
    operator: 'olga',
    env: options.env ?? {},
    cwd: options.cwd ?? folderWith({}),
    colour: false,
    execPath: process.execPath,
    stop: stop.signal,
    onReload: () => () => undefined,
    out: () => out,
    err: () => err,
    interrupt: () => stop.abort(),
    seen: (pattern) =>
      new Promise((resolve) => {
        const watch = () => {
          const match = pattern.exec(out)
          if (match === null) return
          watchers.delete(watch)
          resolve(match)
        }
        watchers.add(watch)
        watch()
      }),
  }
}

function scriptedTerminal(answers: readonly string[]): Terminal {
  const left = [...answers]
  const ask = async () => left.shift() ?? ''
  return { ask, askHidden: ask }
}

/** A new temporary folder with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}
