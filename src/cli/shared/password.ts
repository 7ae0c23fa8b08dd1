// A new password for somebody: from standard input, or asked for twice at the terminal. Never from the command line,
// where other people of the machine could read it.
import type { Io } from './command.ts'

export type GivenPassword =
  | { readonly ok: true; readonly password: string }
  | { readonly ok: false; readonly problem: string }

const MAX_STDIN_CHARACTERS = 4_096

export async function readPassword(fromStdin: boolean, name: string, io: Io): Promise<GivenPassword> {
  if (fromStdin) return await fromPipe(io)
  const { terminal } = io
  if (terminal === undefined)
    return { ok: false, problem: 'nobody can be asked for a password here; send it with --password-stdin' }
  const password = await terminal.askHidden(`Password for ${name}: `)
  if (password === '') return { ok: false, problem: 'no password was given' }
  if ((await terminal.askHidden('The same again: ')) !== password)
    return { ok: false, problem: 'the two were not the same' }
  return { ok: true, password }
}

/** One line, without its end. */
async function fromPipe(io: Io): Promise<GivenPassword> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of io.stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    if (text.length > MAX_STDIN_CHARACTERS)
      return { ok: false, problem: 'standard input holds more than a password' }
  }
  const password = text.replace(/\r?\n$/, '')
  if (password === '') return { ok: false, problem: 'standard input holds no password' }
  return { ok: true, password }
}
