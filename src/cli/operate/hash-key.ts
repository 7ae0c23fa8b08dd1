// `portcullis hash-key`: a key for a machine → the hash that stands under `verifier: static_keys`. The key is read from
// standard input or made here; it is kept nowhere.
import { createHash, randomBytes } from 'node:crypto'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { readToken } from '../shared/stdin-token.ts'

const OPTIONS = { new: { type: 'boolean', default: false } } as const

/** A plain hash hides a key only if nobody can guess it. */
const MIN_KEY_CHARACTERS = 32
const NEW_KEY_BYTES = 32

export const summary = 'the hash of a key for a machine, for `verifier: static_keys`'
export const help = `portcullis hash-key < key-file
portcullis hash-key --new

The hash of a key, for \`hash:\` under \`verifier: static_keys\`. The key is read from standard input.

  --new  make a random key: it is printed once, on standard error; the hash goes to standard output
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'hash-key', read.message)
  if (read.values.new) {
    const key = `pk_${randomBytes(NEW_KEY_BYTES).toString('base64url')}`
    io.stderr.write(`the key, shown only now: ${key}\n`)
    io.stdout.write(`${hashOf(key)}\n`)
    return EXIT.fine
  }
  const given = await readToken('-', io)
  if (!given.ok) return wrongUse(io, 'hash-key', given.message)
  const key = given.value ?? ''
  if (key.length < MIN_KEY_CHARACTERS) {
    const message = `the key is shorter than ${MIN_KEY_CHARACTERS} characters and could be guessed; make one with --new`
    return wrongUse(io, 'hash-key', message)
  }
  io.stdout.write(`${hashOf(key)}\n`)
  return EXIT.fine
}

function hashOf(key: string): string {
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}
