// `portcullis probe`: the short form of `portcullis doctor`.
import { readArguments } from '../shared/arguments.ts'
import { type Io, wrongUse } from '../shared/command.ts'
import { examineWith, PROBE_OPTIONS } from './doctor.ts'

export const summary = 'the short form of doctor'
export const help = `portcullis probe URL [--token -] [--ca FILE] [--json]

The short form of \`portcullis doctor\`: anonymous 401, challenge, metadata, issuer, garbage token, good token.

  --token -  also open the server with a token from standard input; it is sent to URL and nowhere else
  --ca FILE  PEM of the certificate authorities to trust instead of the usual ones
  --json     print all results as JSON

Exit codes: 0 nothing is violated, 1 something is, or the server cannot be reached.
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, PROBE_OPTIONS, 1)
  if (!read.ok) return wrongUse(io, 'probe', read.message)
  const { token, ca, json } = read.values
  const request = { command: 'probe', token, ca, json, register: false, report: undefined } as const
  return await examineWith(read.positionals[0], request, io)
}
