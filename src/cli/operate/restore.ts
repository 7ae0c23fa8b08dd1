// `portcullis restore`: a backup in place of the data of the embedded authorization server, without what was issued.
import { resolve } from 'node:path'
import { type Restored, restoreInstallation } from '../../as/operate/restore.ts'
import { shownData } from '../../lib/postgres-url.ts'
import { readArguments } from '../shared/arguments.ts'
import { type Command, EXIT, wrongUse } from '../shared/command.ts'
import { shown, table } from '../shared/table.ts'
import { findData } from './operate.ts'

export const summary = 'a backup in place of the data, with an end to all that was issued'
export const help = `portcullis restore (FILE | --in-place) [--config FILE | --data FILE]

Puts FILE, which \`backup\` wrote, in place of the SQLite data of the embedded authorization server, and ends every grant, token,
code, sign-in, remembered consent, link of \`users reset\` and signing key in it: a backup does not know what was revoked or used
after it. People, passwords, passkeys, clients and their secrets are those of the backup; who was disabled in the data that it
replaces stays disabled. Refused while a gateway serves from the data. What was there is kept beside it. The key has to be there:
\`cookie_secret\`, or the file \`….key\` beside the data.

  --in-place           the data was brought back already, such as by pg_restore: only end what was issued in it
  -c, --config FILE    the configuration whose data it is (default: gateway.yaml, if it is there)
  --data FILE          the data itself
  --json               JSON instead of text
`

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  data: { type: 'string' },
  'in-place': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export const run: Command = async (args, io) => {
  const read = readArguments(args, OPTIONS, 1)
  if (!read.ok) return wrongUse(io, 'restore', read.message)
  const [file] = read.positionals
  if ((file === undefined) !== read.values['in-place'])
    return wrongUse(
      io,
      'restore',
      'name the backup, or say --in-place where the data was brought back already',
    )
  const place = findData(read.values, io)
  if (typeof place === 'number') return place
  const source = file === undefined ? undefined : resolve(io.cwd, file)
  try {
    const clock = { now: () => Date.now() }
    const restored = await restoreInstallation(place, { source, clock, actor: `operator ${io.operator}` })
    const text = [tableOf(restored), '', ...told(restored, shownData(place.data), source)].join('\n')
    io.stdout.write(read.values.json ? `${JSON.stringify(restored, null, 2)}\n` : `${text}\n`)
    return EXIT.fine
  } catch (error) {
    io.stderr.write(`portcullis restore: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT.finding
  }
}

function tableOf({ ended }: Restored): string {
  const rows = ended.map(({ table: name, rows }) => [name, String(rows)])
  return table(['TABLE', 'ENDED'], rows, 'nothing')
}

function told({ replaced, disabled }: Restored, data: string, source: string | undefined): string[] {
  const from = source === undefined ? '' : ` from ${source}`
  return [
    `${data} is restored${from}. Everybody signs in and agrees again; no token from before is taken.`,
    'Passwords, passkeys, clients and their secrets are those of the copy. What was changed since stands in the audit:',
    'look for user_disabled, password_changed, passkey_removed, secret_rotated and client_removed, and do it again.',
    ...(disabled === undefined
      ? ['The data that was replaced cannot be read: who was disabled in it is not known.']
      : []),
    ...(disabled ?? []).map((subject) => `${shown(subject)} stays disabled if the copy has them.`),
    ...(replaced === undefined ? [] : [`What was there is kept: ${replaced}`]),
  ]
}
