// A token from standard input. On the command line the shell's history and the process list would keep it.
import type { Io } from './command.ts'

const MAX_TOKEN_BYTES = 64 * 1024

export type ReadToken =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly message: string }

/** `option` is the value of `--token`: absent, or `-`. */
export async function readToken(option: string | undefined, io: Io): Promise<ReadToken> {
  if (option === undefined) return { ok: true, value: undefined }
  if (option !== '-') return { ok: false, message: 'takes the token from standard input: --token -' }
  let text = ''
  for await (const chunk of io.stdin) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
    if (text.length > MAX_TOKEN_BYTES)
      return { ok: false, message: 'standard input is larger than 64 KiB, which is no token' }
  }
  const token = text.trim().replace(/^bearer +/i, '')
  if (token === '') return { ok: false, message: 'standard input is empty; pipe the token into it' }
  // RFC 6750 §2.1: b64token
  if (!/^[\w\-.~+/]+=*$/.test(token)) return { ok: false, message: 'standard input holds no bearer token' }
  return { ok: true, value: token }
}
