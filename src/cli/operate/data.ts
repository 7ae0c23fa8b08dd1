// `portcullis data copy`: moves the data of the embedded authorization server to another place.
import { resolve } from 'node:path'
import { copyInstallation, type DataPlace } from '../../as/operate/copy.ts'
import { isPostgresUrl } from '../../lib/postgres-url.ts'
import { readArguments } from '../shared/arguments.ts'
import { type Command, EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printProblems, readConfiguration } from '../shared/configuration.ts'
import { table } from '../shared/table.ts'

export const summary = 'moves the data of the authorization server to another place'
export const help = `portcullis data copy FROM TO

Copies everything that the embedded authorization server keeps, from SQLite to PostgreSQL or back, in one transaction, and says
what it copied. FROM and TO are each a configuration (.yaml or .yml), whose \`data\` and \`cookie_secret\` count, or the path of
a SQLite file with its key beside it. No gateway may serve from either; TO has to be empty, and FROM stays as it is.

  --json               JSON instead of text
`

export const run: Command = async (args, io) => {
  const read = readArguments(args, { json: { type: 'boolean', default: false } }, 3)
  if (!read.ok) return wrongUse(io, 'data', read.message)
  const [word, from, to] = read.positionals
  if (word !== 'copy') return wrongUse(io, 'data', 'say copy FROM TO')
  if (from === undefined || to === undefined) return wrongUse(io, 'data', 'copy needs FROM and TO')
  const places = [placeOf(from, io), placeOf(to, io)]
  const [source, target] = places
  if (source === undefined || target === undefined) return EXIT.brokenFile
  try {
    const counts = await copyInstallation(source, target, { now: () => Date.now() })
    const rows = counts.map(({ table: name, rows, left }) => [
      name,
      String(rows),
      left === 0 ? '' : String(left),
    ])
    const text = table(['TABLE', 'COPIED', 'LEFT BEHIND'], rows, 'nothing')
    const isLeft = counts.some(({ left }) => left > 0)
    const note = isLeft ? '\nCounts of tries mean nothing under another cookie_secret; they begin anew.' : ''
    io.stdout.write(read.values.json ? `${JSON.stringify(counts, null, 2)}\n` : `${text}${note}\n`)
    return EXIT.fine
  } catch (error) {
    io.stderr.write(`portcullis data: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT.finding
  }
}

const CONFIGURATION = ['.yaml', '.yml']

/** Undefined when it cannot be used, which was then said. A URL on a command line would show its password to everybody. */
function placeOf(name: string, io: Io): DataPlace | undefined {
  if (isPostgresUrl(name)) {
    io.stderr.write(
      'portcullis data: write the URL into a configuration, as authorization_server.data, and name that\n',
    )
    return undefined
  }
  if (!CONFIGURATION.some((end) => name.endsWith(end)))
    return { data: resolve(io.cwd, name), cookieSecret: undefined }
  const loaded = readConfiguration(name, io)
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return undefined
  }
  const { authorizationServer } = loaded.settings
  if (authorizationServer === undefined)
    io.stderr.write(`portcullis data: ${name} has no authorization_server\n`)
  return authorizationServer
}
