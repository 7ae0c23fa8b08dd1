// The approved inventory of an upstream, and how a live one differs from it. Shapes only: digests are made in
// manifest/, lists are fetched in inspect/.
import type { TargetKind } from './call.ts'

/** What a server says of one tool, prompt, resource or template, as it was listed. */
export type Item = Readonly<Record<string, unknown>>

/** Everything that a server lists now. */
export interface Inventory {
  readonly server: { readonly name: string; readonly version: string; readonly title?: string }
  readonly tools: readonly Item[]
  readonly prompts: readonly Item[]
  readonly resources: readonly Item[]
  readonly templates: readonly Item[]
}

/** One approved item. `name` is the URI of a resource, and the URI template of a template. */
export interface Pinned {
  readonly name: string
  /** `sha256:` and 64 hexadecimal digits, over the name and the definition. */
  readonly digest: string
  /** The members that a person approved: descriptions, schemas, annotations. */
  readonly definition: Item
}

export type Pins = { readonly [K in Listing]: readonly Pinned[] }

export interface Manifest extends Pins {
  readonly server: Pick<Inventory['server'], 'name' | 'version'>
  /** Over the digests of all items. */
  readonly digest: string
}

/** The lists of a manifest, in the order in which they stand there. */
export const LISTINGS = ['tools', 'prompts', 'resources', 'templates'] as const
export type Listing = (typeof LISTINGS)[number]

export const KIND_OF: { readonly [L in Listing]: TargetKind } = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  templates: 'template',
}

/** One difference between what was approved and what is there. */
export interface ManifestChange {
  readonly kind: TargetKind
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Which members differ, sorted; empty unless `changed`. */
  readonly members: readonly string[]
}
