// `portcullis backup`: a copy of the SQLite file of the embedded authorization server, while a gateway serves from it.
import { resolve } from 'node:path'
import { backupInstallation } from '../../as/operate/copy.ts'
import { readArguments } from '../shared/arguments.ts'
import { type Command, EXIT, wrongUse } from '../shared/command.ts'
import { findData } from './operate.ts'

export const summary = 'a copy of the data of the authorization server'
export const help = `portcullis backup FILE [--config FILE | --data FILE]

Copies the SQLite data of the embedded authorization server into FILE, which may not be there yet, readable by its owner only.
A gateway may serve from it meanwhile. The copy is of no use without the key: \`cookie_secret\`, or the file \`….key\` beside the
data. Keep that too, elsewhere. To bring it back, stop the gateway and run \`portcullis restore FILE\`.

  -c, --config FILE    the configuration whose data it is (default: gateway.yaml, if it is there)
  --data FILE          the data itself
`

export const run: Command = async (args, io) => {
  const known = { config: { type: 'string', short: 'c' }, data: { type: 'string' } } as const
  const read = readArguments(args, known, 1)
  if (!read.ok) return wrongUse(io, 'backup', read.message)
  const [file] = read.positionals
  if (file === undefined) return wrongUse(io, 'backup', 'name the file to write')
  const place = findData(read.values, io)
  if (typeof place === 'number') return place
  const target = resolve(io.cwd, file)
  try {
    await backupInstallation(place, target)
  } catch (error) {
    io.stderr.write(`portcullis backup: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT.finding
  }
  const key = place.cookieSecret === undefined ? `${place.data}.key` : 'cookie_secret'
  io.stdout.write(`${target} is written; it opens with ${key} only, so keep that too, elsewhere\n`)
  return EXIT.fine
}
