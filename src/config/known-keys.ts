// Which keys the file may hold at a path, read from the JSON Schema, so that a misspelt key can be put right. It
// follows every branch of a union, since the suggestion is only words.
import type { Path } from './expansion-sites.ts'
import { jsonSchema } from './schema.ts'

/** The parts of JSON Schema that zod writes for us. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly $ref?: string
  readonly secret?: boolean
}

/** Made for the first misspelt key: a file without one needs none. */
let whole: SchemaNode | undefined

export function knownKeys(path: Path): string[] {
  whole ??= jsonSchema() as SchemaNode
  let nodes: readonly SchemaNode[] = [whole]
  for (const step of path) nodes = nodes.flatMap(branches).flatMap((node) => below(node, step))
  return [...new Set(nodes.flatMap(branches).flatMap((node) => Object.keys(node.properties ?? {})))]
}

/** The alternatives of a union; any other node is its own only alternative. */
export function branches(node: SchemaNode): readonly SchemaNode[] {
  const alternatives = node.anyOf ?? node.oneOf
  return alternatives === undefined ? [node] : alternatives.flatMap(branches)
}

function below(node: SchemaNode, step: string | number): readonly SchemaNode[] {
  if (typeof step === 'number') return node.items === undefined ? [] : [node.items]
  const named = Object.hasOwn(node.properties ?? {}, step) ? node.properties?.[step] : undefined
  if (named !== undefined) return [named]
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
}
