// `portcullis import authsec-env [FILE]`: the AUTHSEC_* variables of an existing server → a gateway.yaml on standard
// output. Values of secrets are never copied: the file names their variables.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { authsecYaml } from './authsec-yaml.ts'

export const summary = 'a gateway.yaml from the settings of another system'
export const help = `portcullis import authsec-env [FILE]

Writes a gateway.yaml from AUTHSEC_* variables: those of FILE (lines of NAME=value), else of this process. Secrets stay
in their variables. What has no counterpart is said in comments.
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, {}, 2)
  if (!read.ok) return wrongUse(io, 'import', read.message)
  const [format, file] = read.positionals
  if (format !== 'authsec-env') return wrongUse(io, 'import', 'expected a format: authsec-env')
  const variables = file === undefined ? io.env : await variablesIn(resolve(io.cwd, file))
  if (variables === undefined) return wrongUse(io, 'import', `${file} cannot be read`)
  const made = authsecYaml(variables)
  if (!made.ok) {
    io.stderr.write(`portcullis import: ${made.message}\n`)
    return EXIT.finding
  }
  io.stdout.write(made.text)
  return EXIT.fine
}

async function variablesIn(path: string): Promise<NodeJS.Dict<string> | undefined> {
  try {
    return parseEnv(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
