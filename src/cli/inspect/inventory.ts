// `portcullis inventory`: what a server lists now, with the digest of each definition. It writes nothing.
import { KIND_OF, LISTINGS, type Manifest } from '../../core/manifest.ts'
import { formatManifest, manifestOf } from '../../manifest/manifest.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printable } from '../shared/printable.ts'
import { askInventory, findTarget, TARGET_HELP, TARGET_OPTIONS } from '../shared/upstream-target.ts'

export const summary = 'what an upstream lists now'
export const help = `portcullis inventory [--route NAME | --url URL] [--token -] [--json]

Lists the tools, prompts, resources and templates of a server as they are now, each with the digest of its
definition. With --json it prints what \`portcullis approve\` would write.

${TARGET_HELP}

Exit codes: 0 listed, 1 the server could not be asked, 78 a broken file.
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, TARGET_OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'inventory', read.message)
  const target = await findTarget('inventory', read.values, io)
  if (!target.ok) return target.code
  const live = await askInventory('inventory', target.value, io)
  if (!live.ok) return live.code
  const manifest = manifestOf(live.value)
  io.stdout.write(read.values.json ? formatManifest(manifest) : tellManifest(manifest))
  return EXIT.fine
}

function tellManifest(manifest: Manifest): string {
  const { name, version } = manifest.server
  const lines = LISTINGS.flatMap((listing) =>
    manifest[listing].map(
      (pin) => `  ${KIND_OF[listing].padEnd(9)} ${shortDigest(pin.digest)}  ${printable(pin.name)}`,
    ),
  )
  const counts = LISTINGS.filter((listing) => manifest[listing].length > 0).map(
    (listing) => `${manifest[listing].length} ${listing}`,
  )
  const title = `${printable(name) || 'a server without a name'} ${printable(version)}`.trim()
  return `${title}: ${counts.join(', ') || 'nothing'}\n${lines.map((line) => `${line}\n`).join('')}${manifest.digest}\n`
}

/** Enough to compare by eye. */
export function shortDigest(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12)
}
