// `portcullis schema`: the JSON Schema of gateway.yaml on standard output, for editors and for other programs.
import { jsonSchema } from '../../config/schema.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'

export const summary = 'the JSON Schema of gateway.yaml'
export const help = `portcullis schema

Prints the JSON Schema of gateway.yaml. In an editor with a YAML language server:

  portcullis schema > gateway.schema.json
  # yaml-language-server: $schema=gateway.schema.json
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, {}, 0)
  if (!read.ok) return wrongUse(io, 'schema', read.message)
  io.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  return EXIT.fine
}
