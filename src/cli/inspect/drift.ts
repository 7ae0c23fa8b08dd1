// `portcullis drift`: what differs between the approved manifest and the server as it is now, with the old and the new
// words of what changed. It writes nothing.
import { resolve } from 'node:path'
import type { Manifest, ManifestChange } from '../../core/manifest.ts'
import type { UpstreamTarget } from '../../inspect/upstream-target.ts'
import { changedValues, compareManifests } from '../../manifest/compare.ts'
import { loadManifest } from '../../manifest/file.ts'
import { manifestOf } from '../../manifest/manifest.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printable } from '../shared/printable.ts'
import { askInventory, findTarget, TARGET_HELP, TARGET_OPTIONS } from '../shared/upstream-target.ts'

export const summary = 'what an upstream lists, against its approved manifest'
export const help = `portcullis drift [--route NAME | --url URL --manifest FILE] [--token -] [--json]

Compares the server as it is now with its approved manifest: what was added, removed or changed, and how.

${TARGET_HELP}
  --manifest FILE    the manifest (default: that of the route)

Exit codes: 0 nothing differs, 1 something does, 78 a broken file.
`

export const MANIFEST_OPTIONS = { ...TARGET_OPTIONS, manifest: { type: 'string' } } as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, MANIFEST_OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'drift', read.message)
  const target = await findTarget('drift', read.values, io)
  if (!target.ok) return target.code
  const file = manifestFile(read.values.manifest, target.value, io)
  if (file === undefined) return wrongUse(io, 'drift', NO_MANIFEST)
  const approved = loadManifest(file)
  if (!approved.ok) {
    io.stderr.write(`portcullis drift: ${approved.message}\n`)
    return EXIT.brokenFile
  }
  const live = await askInventory('drift', target.value, io)
  if (!live.ok) return live.code
  const now = manifestOf(live.value)
  const changes = compareManifests(approved.manifest, now)
  io.stdout.write(
    read.values.json
      ? `${JSON.stringify({ ok: changes.length === 0, changes }, null, 2)}\n`
      : formatChanges(changes, approved.manifest, now),
  )
  return changes.length === 0 ? EXIT.fine : EXIT.finding
}

export const NO_MANIFEST = 'needs --manifest FILE, or a route with `manifest: { file: … }`'

export function manifestFile(
  option: string | undefined,
  { route }: UpstreamTarget,
  io: Io,
): string | undefined {
  return option === undefined ? route?.manifest?.file : resolve(io.cwd, option)
}

export function formatChanges(changes: readonly ManifestChange[], before: Manifest, now: Manifest): string {
  if (changes.length === 0) return 'nothing differs from the manifest\n'
  return changes.map((change) => tellChange(change, before, now)).join('')
}

function tellChange(change: ManifestChange, before: Manifest, now: Manifest): string {
  const line = `${change.change.padEnd(8)} ${change.kind} ${printable(change.name)}`
  if (change.change !== 'changed') return `${line}\n`
  const details = changedValues(change, before, now).map(
    ({ member, ...value }) => `    ${member}\n      - ${shown(value.before)}\n      + ${shown(value.now)}\n`,
  )
  return `${line}: ${change.members.join(', ')}\n${details.join('')}`
}

function shown(value: unknown): string {
  if (value === undefined) return '(none)'
  return printable(typeof value === 'string' ? value : JSON.stringify(value), 2_000)
}
