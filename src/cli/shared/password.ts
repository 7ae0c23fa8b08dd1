// A new password for somebody: from standard input, or asked for twice at the terminal. Never from the command line,
// where other people of the machine could read it.
import { MIN_PASSWORD_CHARS, passwordProblem } from '../../as/sign-in/passwords.ts'
import type { Io, Terminal } from './command.ts'

export type GivenPassword =
  | { readonly ok: true; readonly password: string }
  | { readonly ok: false; readonly problem: string }

const NOTHING = 'no password was given'
const MAX_STDIN_CHARACTERS = 4_096
/** How often a person may try to choose one. */
const MAX_TRIES = 3

export async function readPassword(fromStdin: boolean, name: string, io: Io): Promise<GivenPassword> {
  if (fromStdin) return await fromPipe(io)
  const { terminal } = io
  if (terminal === undefined)
    return { ok: false, problem: 'nobody can be asked for a password here; send it with --password-stdin' }
  for (let left = MAX_TRIES; ; left -= 1) {
    const given = await askTwice(terminal, name)
    if (io.stop.aborted) return { ok: false, problem: NOTHING }
    if (given.ok || given.problem === NOTHING || left === 1) return given
    io.stderr.write(`${given.problem}; try again\n`)
  }
}

async function askTwice(terminal: Terminal, name: string): Promise<GivenPassword> {
  const rule = `at least ${MIN_PASSWORD_CHARS} characters`
  const password = await terminal.askHidden(`Password for ${name} (${rule}): `)
  if (password === '') return { ok: false, problem: NOTHING }
  const problem = passwordProblem(password)
  if (problem !== undefined) return { ok: false, problem }
  const again = await terminal.askHidden('The same again: ')
  return again === password ? { ok: true, password } : { ok: false, problem: 'the two were not the same' }
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
