// The reference manual of the file, written from the descriptions in the schema. It renders; it holds no facts of its
// own but the words around the tables.

import { expansionSiteOf, pattern } from './expansion-sites.ts'
import { branches, type SchemaNode } from './known-keys.ts'
import { jsonSchema } from './schema.ts'

const INTRODUCTION = `# gateway.yaml

This page is generated from the schema by \`scripts/docs.mjs\`; edit the descriptions there.

Everything that is wrong in the file is reported at once, with file, line and column, by \`portcullis check\` and at the
start. Unknown keys, duplicate keys and names that lead nowhere are errors.

| written | means |
|---|---|
| \`30s\` | a duration: \`ms\`, \`s\`, \`m\`, \`h\`, \`d\` |
| \`4MiB\` | a size: \`B\`, \`KiB\`, \`MiB\`, \`GiB\` |
| \`10/min\` | a rate: \`/s\`, \`/min\`, \`/h\`, \`/d\`, or several of them: \`300/15min\` |
| \`\${NAME}\` | an environment variable, in secrets and URLs only; unset or empty is an error |
| \`file:/path\` | the content of a file, in secrets and certificates only; relative to the folder of gateway.yaml |
| \`$\${\` | the two characters \`\${\` themselves |
| \`[a, b]\` as scopes | any one of them |
| \`{ all: [a, b] }\` as scopes | each of them; lists and \`all\` nest |

Paths without \`file:\` (of the audit, a manifest, the authorization server's data) are relative to the folder of gateway.yaml
too, whichever folder a command is called from.

The file is plain YAML 1.2: no merge keys, no tags, no directives, one document. Anchors and aliases work.
`

interface Section {
  readonly path: readonly (string | number)[]
  readonly node: SchemaNode
}

export function reference(): string {
  const root = jsonSchema() as SchemaNode
  return `${INTRODUCTION}\n${sectionsBelow({ path: [], node: root }).map(renderSection).join('\n')}`
}

/** A section and all sections under it, in the order of the schema. */
function sectionsBelow(section: Section): Section[] {
  const inner = branches(section.node).flatMap((branch) => Object.entries(branch.properties ?? {}))
  return [
    section,
    ...inner.flatMap(([key, node]) => mapsIn([...section.path, key], node)).flatMap(sectionsBelow),
  ]
}

/** The maps that a key holds: itself, the items of its list, or the entries that users name. */
function mapsIn(path: readonly (string | number)[], node: SchemaNode): Section[] {
  const held = branches(node).flatMap((branch): Section[] => {
    if (branch.properties !== undefined) return [{ path, node: branch }]
    if (branch.items !== undefined) return mapsIn([...path, 0], branch.items)
    return typeof branch.additionalProperties === 'object'
      ? mapsIn([...path, '<name>'], branch.additionalProperties)
      : []
  })
  const [first] = held
  return first === undefined ? [] : [{ path: first.path, node: merged(held.map((section) => section.node)) }]
}

/** A union of maps is shown as one table; a key is needed when each branch needs it. */
function merged(nodes: readonly SchemaNode[]): SchemaNode {
  const properties: Record<string, SchemaNode> = {}
  for (const node of nodes) {
    for (const [key, inner] of Object.entries(node.properties ?? {}))
      properties[key] = both(properties[key], inner)
  }
  const required = Object.keys(properties).filter((key) =>
    nodes.every((node) => node.required?.includes(key)),
  )
  return { properties, required }
}

function both(one: SchemaNode | undefined, other: SchemaNode): SchemaNode {
  return one?.const === undefined ? other : { ...other, enum: [...(one.enum ?? [one.const]), other.const] }
}

function renderSection({ path, node }: Section): string {
  const required = new Set(node.required)
  const rows = Object.entries(node.properties ?? {}).map(([key, inner]) => {
    const standard = inner.default === undefined ? '' : code(inner.default)
    const cells = [`\`${key}\``, kindOf(inner, [...path, key]), required.has(key) ? '**required**' : standard]
    return `| ${[...cells, inner.description ?? ''].join(' | ')} |`
  })
  const title = path.length === 0 ? 'Top level' : `\`${titleOf(path)}\``
  return `## ${title}\n\n| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function titleOf(path: readonly (string | number)[]): string {
  return path
    .map((step) => (typeof step === 'number' ? '[]' : step))
    .join('.')
    .replaceAll('.[]', '[]')
}

function code(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '{}' ? '' : `\`${text}\``
}

function kindOf(node: SchemaNode, path: readonly (string | number)[]): string {
  if (node.secret === true) return 'secret'
  const words = node.enum ?? (node.const === undefined ? undefined : [node.const])
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(', ')
  if (node.$ref !== undefined) return 'scopes'
  const site = expansionSiteOf(path)
  if (site === 'file' || site === 'pem') return '`file:/path`'
  const kinds = branches(node).map((branch) => plainKind(branch, path))
  return [...new Set(kinds)].join(' or ')
}

function plainKind(node: SchemaNode, path: readonly (string | number)[]): string {
  if (node.items !== undefined) return 'list'
  if (node.properties !== undefined || node.additionalProperties !== undefined) return 'map'
  if (node.type === 'string')
    return (
      SPECIAL.get(pattern(path).split('.').at(-1) ?? '') ?? expansionSiteOf(path).replace('plain', 'text')
    )
  return node.type === 'boolean' ? '`true`, `false`' : 'whole number'
}

/** Keys whose text has a form of its own. */
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ...[
    'leeway',
    'max_lifetime',
    'ttl',
    'negative_ttl',
    'connect_timeout',
    'timeout',
    'idle_timeout',
    'access_token_ttl',
    'refresh_token_ttl',
    'refresh_token_grace',
    'unused_ttl',
    'code_ttl',
    'client_secret_ttl',
    'absolute_timeout',
    'reauthenticate_after',
  ].map((key): [string, string] => [key, 'duration']),
  ['body', 'size'],
  ['per_subject', 'rate'],
  ['failed_auth_per_address', 'rate'],
  ['listen', '`host:port`'],
])
