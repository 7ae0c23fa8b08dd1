// Rules proposed for what a server lists, from names and annotations. A proposal for a person to read: it grants
// nothing, it names each tool instead of patterns, so that a tool that comes later is not let in by an old rule.
import type { Item, Manifest, Pinned } from '../core/manifest.ts'
import type { ToolPage } from './tool-page.ts'

export interface ProposedRule {
  readonly name: string
  readonly tools?: readonly string[]
  readonly prompts?: readonly string[]
  readonly resources?: readonly string[]
  readonly scopes: readonly string[]
  /** Names that a person should look at twice, with the reason. */
  readonly doubts: Readonly<Record<string, string>>
}

type Danger = 'reading' | 'writing' | 'destructive'

const SCOPE_OF: Readonly<Record<Danger, string>> = {
  reading: 'read',
  writing: 'write',
  destructive: 'admin',
}

const READS =
  /^(?:get|list|search|read|find|fetch|query|describe|show|view|count|lookup|resolve|check|inspect|browse|status|info|stat|tail|diff|compare|validate|explain|download|export|ping|echo|summarize|calculate)$/
const DESTROYS =
  /^(?:delete|remove|drop|purge|destroy|kill|revoke|wipe|erase|truncate|uninstall|reset|clear|terminate|shutdown|format|overwrite|cancel|disable|ban|exec|execute|eval|shell)$/

/** `prefix` begins the scopes: `notes` gives `notes:read`, `notes:write` and `notes:admin`. */
export function suggestRules(
  manifest: Manifest,
  prefix: string,
  pages: readonly ToolPage[] = [],
): readonly ProposedRule[] {
  const dangers: readonly Danger[] = ['reading', 'writing', 'destructive']
  const judged = manifest.tools.filter(isPlain).map((tool) => ({ tool, ...judge(tool) }))
  const rules = dangers.flatMap((danger): ProposedRule[] => {
    const meant = judged.filter((each) => each.danger === danger)
    if (meant.length === 0) return []
    const doubts = meant.flatMap(({ tool, doubt }) => (doubt === undefined ? [] : [[tool.name, doubt]]))
    const tools = meant.map(({ tool }) => tool.name)
    return [{ name: danger, tools, scopes: [scope(prefix, danger)], doubts: Object.fromEntries(doubts) }]
  })
  return [...rules, ...promptRule(manifest, prefix), ...resourceRule(manifest, pages, prefix)]
}

/** A `*` in a rule is a wildcard, so a name that holds one cannot be written as a rule. */
export function unwritable({ tools, prompts }: Manifest): readonly string[] {
  return [...tools, ...prompts].filter((pin) => !isPlain(pin)).map(({ name }) => name)
}

function isPlain({ name }: Pinned): boolean {
  return name !== '' && !name.includes('*')
}

/** MCP server/tools, annotations: hints of the server about itself. A name that says worse is believed more. */
function judge({ name, definition }: Pinned): { readonly danger: Danger; readonly doubt?: string } {
  const hints = hintsOf(definition)
  const named = dangerOfName(name)
  if (hints['readOnlyHint'] === true) {
    if (named !== 'destructive') return { danger: 'reading' }
    return { danger: 'destructive', doubt: 'it says that it only reads, its name says otherwise' }
  }
  if (hints['destructiveHint'] === true && named === 'reading') {
    return { danger: 'destructive', doubt: 'it says that it destroys, its name says that it reads' }
  }
  if (hints['destructiveHint'] === true || named === 'destructive') return { danger: 'destructive' }
  if (hints['readOnlyHint'] === false || hints['destructiveHint'] === false) return { danger: 'writing' }
  return { danger: named }
}

function hintsOf(definition: Item): Item {
  const annotations = definition['annotations']
  return typeof annotations === 'object' && annotations !== null ? (annotations as Item) : {}
}

/** By the words of `deleteNote`, `delete-note`, `notes.delete`: the worst of them; a reading word comes first. */
function dangerOfName(name: string): Danger {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  if (words.some((word) => DESTROYS.test(word))) return 'destructive'
  return words.some((word) => READS.test(word)) ? 'reading' : 'writing'
}

function promptRule({ prompts }: Manifest, prefix: string): ProposedRule[] {
  const names = prompts.filter(isPlain).map(({ name }) => name)
  if (names.length === 0) return []
  return [{ name: 'prompts', prompts: names, scopes: [scope(prefix, 'reading')], doubts: {} }]
}

/** One pattern for each scheme: single URIs come and go. */
function resourceRule(
  { resources, templates }: Manifest,
  pages: readonly ToolPage[],
  prefix: string,
): ProposedRule[] {
  const uris = [...resources, ...templates].map(({ name }) => name)
  const patterns = [...uris, ...pages.map(({ uri }) => uri)].flatMap((name) => {
    const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(name)?.[0]
    if (scheme !== undefined) return [`${scheme}**`]
    return /[*{]/.test(name) ? [] : [name]
  })
  if (patterns.length === 0) return []
  return [
    { name: 'resources', resources: [...new Set(patterns)], scopes: [scope(prefix, 'reading')], doubts: {} },
  ]
}

function scope(prefix: string, danger: Danger): string {
  return `${prefix}:${SCOPE_OF[danger]}`
}
