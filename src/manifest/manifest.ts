// The manifest as a value and as text: made of an inventory, written in one stable order, read back strictly. The
// digests in the text are made again from the definitions beside them, so that an edit by hand cannot go unseen.
import type { TargetKind } from '../core/call.ts'
import { type Inventory, type Item, KIND_OF, LISTINGS, type Manifest, type Pinned } from '../core/manifest.ts'
import { hasMembers, parseJson } from '../lib/json.ts'
import { digestOf, pinOf, sha256 } from './definition.ts'

/** Tools, prompts, resources and templates together. */
export const MAX_PINNED = 10_000
const FORMAT = 1

export type ReadManifest =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly message: string }

/** Items without a name, or nested too deeply, are left out: they cannot be called or approved. */
export function manifestOf(inventory: Inventory): Manifest {
  const list = (kind: TargetKind, items: readonly Item[]) =>
    inOrder(items.map((item) => pinOf(kind, item)).filter((pin) => pin !== undefined))
  const { name, version } = inventory.server
  return withDigest(
    { name, version },
    {
      tools: list('tool', inventory.tools),
      prompts: list('prompt', inventory.prompts),
      resources: list('resource', inventory.resources),
      templates: list('template', inventory.templates),
    },
  )
}

export function withDigest(server: Manifest['server'], pins: Omit<Manifest, 'server' | 'digest'>): Manifest {
  const digests = LISTINGS.flatMap((listing) => pins[listing].map(({ digest }) => digest))
  return { server, digest: sha256(digests.join('\n')), ...pins }
}

/** By name, in code unit order; of two with the same name the last one counts, as it does for most clients. */
function inOrder(pins: readonly Pinned[]): readonly Pinned[] {
  const byName = new Map(pins.map((pin) => [pin.name, pin]))
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** JSON for a file under version control: two spaces, one order, a line end at the end. */
export function formatManifest({ server, digest, ...pins }: Manifest): string {
  const lists = LISTINGS.map((listing) => [listing, pins[listing]])
  const whole = { portcullis_manifest: FORMAT, server, digest, ...Object.fromEntries(lists) }
  return `${JSON.stringify(whole, null, 2)}\n`
}

export function readManifest(text: string): ReadManifest {
  const root = parseJson(text)
  if (!hasMembers(root) || root['portcullis_manifest'] !== FORMAT) {
    return wrong('this is no manifest of format 1; write one with: portcullis approve')
  }
  const server = root['server']
  const lists = LISTINGS.map((listing) => root[listing])
  if (!hasMembers(server) || !lists.every(Array.isArray)) return wrong('server or a list is missing')
  if (lists.flat().length > MAX_PINNED) return wrong(`it has more than ${MAX_PINNED} items`)
  const [tools = [], prompts = [], resources = [], templates = []] = lists.map((list) =>
    list.filter(isPinned),
  )
  const pins = { tools, prompts, resources, templates }
  if (lists.flat().length !== LISTINGS.flatMap((listing) => pins[listing]).length) {
    return wrong('an item has no name, digest or definition')
  }
  const edited = editedIn(pins)
  if (edited !== undefined) {
    return wrong(`${edited} is not what its digest says; approve what the server lists instead of editing`)
  }
  const known = { name: textOf(server['name']), version: textOf(server['version']) }
  return { ok: true, manifest: withDigest(known, pins) }
}

/** The first item whose definition and digest do not belong together, or that stands there twice. */
function editedIn(pins: Omit<Manifest, 'server' | 'digest'>): string | undefined {
  for (const listing of LISTINGS) {
    const kind = KIND_OF[listing]
    const seen = new Set<string>()
    for (const { name, digest, definition } of pins[listing]) {
      if (seen.has(name) || digestOf(kind, name, definition) !== digest)
        return `${kind} ${JSON.stringify(name)}`
      seen.add(name)
    }
  }
  return undefined
}

function isPinned(value: unknown): value is Pinned {
  if (!hasMembers(value)) return false
  return (
    typeof value['name'] === 'string' &&
    typeof value['digest'] === 'string' &&
    hasMembers(value['definition'])
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function wrong(message: string): ReadManifest {
  return { ok: false, message }
}
