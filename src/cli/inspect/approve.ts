// `portcullis approve`: what the server lists now becomes the manifest, all of it or the names that are given. The
// file is replaced in one step; a gateway that watches it takes it over.
import { didYouMean } from '../../config/suggest.ts'
import type { ManifestChange } from '../../core/manifest.ts'
import { approveChanges, compareManifests } from '../../manifest/compare.ts'
import { loadApproved, saveManifest } from '../../manifest/file.ts'
import { manifestOf } from '../../manifest/manifest.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printable } from '../shared/printable.ts'
import { askInventory, findTarget, TARGET_HELP } from '../shared/upstream-target.ts'
import { formatChanges, MANIFEST_OPTIONS, manifestFile, NO_MANIFEST } from './drift.ts'

/** Words after the command. */
const MAX_NAMES = 1_000

export const summary = 'write the manifest of an upstream'
export const help = `portcullis approve [NAME …] [--route NAME | --url URL --manifest FILE] [--token -] [--json]

Writes the manifest: everything that the server lists now, or only the tools, prompts and resources that are named.
Look at \`portcullis drift\` first; what is approved is what models will read.

${TARGET_HELP}
  --manifest FILE    the manifest (default: that of the route)

Exit codes: 0 written, or nothing to write; 1 the server could not be asked; 78 a broken file.
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, MANIFEST_OPTIONS, MAX_NAMES)
  if (!read.ok) return wrongUse(io, 'approve', read.message)
  const target = await findTarget('approve', read.values, io)
  if (!target.ok) return target.code
  const file = manifestFile(read.values.manifest, target.value, io)
  if (file === undefined) return wrongUse(io, 'approve', NO_MANIFEST)
  const before = loadApproved(file)
  if (!before.ok) {
    io.stderr.write(`portcullis approve: ${before.message}\n`)
    return EXIT.brokenFile
  }
  const live = await askInventory('approve', target.value, io)
  if (!live.ok) return live.code
  const now = manifestOf(live.value)
  const changes = compareManifests(before.manifest, now)
  const unknown = read.positionals.find((name) => !changes.some((change) => change.name === name))
  if (unknown !== undefined) return wrongUse(io, 'approve', nothingChanged(unknown, changes))
  const meant = (change: ManifestChange) =>
    read.positionals.length === 0 || read.positionals.includes(change.name)
  const written = approveChanges(before.manifest, now, meant)
  saveManifest(file, written)
  const approved = changes.filter(meant)
  if (read.values.json) {
    io.stdout.write(`${JSON.stringify({ file, digest: written.digest, approved }, null, 2)}\n`)
  } else {
    io.stdout.write(`${formatChanges(approved, before.manifest, now)}${file} is written: ${written.digest}\n`)
  }
  return EXIT.fine
}

function nothingChanged(name: string, changes: readonly ManifestChange[]): string {
  const names = changes.map((change) => change.name)
  return `nothing called \`${printable(name)}\` waits for approval${didYouMean(name, names)}`
}
