// Rules proposed for what a server lists, from names and annotations. A proposal for a person to read: it grants
// nothing, it names each tool instead of patterns, so that a tool that comes later is not let in by an old rule.
import type { Manifest, Pinned } from '../core/manifest.ts'
import { type Danger, type JudgedTool, judgeTool } from './tool-danger.ts'
import type { ToolPage } from './tool-page.ts'

export interface ProposedRule {
  readonly name: string
  readonly tools?: readonly string[]
  readonly prompts?: readonly string[]
  readonly resources?: readonly string[]
  readonly scopes: readonly string[]
  /** What the server calls a tool for people, by its name. */
  readonly titles: Readonly<Record<string, string>>
  /** Names that a person should look at twice, with the reason. */
  readonly doubts: Readonly<Record<string, string>>
}

/** The last part of the scope that a tool needs. */
export const LEVEL_OF = {
  reading: 'read',
  writing: 'write',
  destructive: 'admin',
  sensitive: 'admin',
} as const satisfies Readonly<Record<Danger, string>>
const DANGERS = Object.keys(LEVEL_OF) as readonly Danger[]

/** `prefix` begins the scopes: `notes` gives `notes:read`, `notes:write` and `notes:admin`. */
export function suggestRules(
  manifest: Manifest,
  prefix: string,
  pages: readonly ToolPage[] = [],
): readonly ProposedRule[] {
  const judged = manifest.tools.filter(isPlain).map(judgeTool)
  const rules = DANGERS.flatMap((danger) => {
    const meant = judged.filter((tool) => tool.danger === danger)
    return meant.length === 0 ? [] : [toolRule(danger, meant, prefix)]
  })
  return [...rules, ...promptRule(manifest, prefix), ...resourceRule(manifest, pages, prefix)]
}

function toolRule(danger: Danger, tools: readonly JudgedTool[], prefix: string): ProposedRule {
  const told = (member: 'title' | 'doubt') =>
    Object.fromEntries(
      tools.flatMap((tool) => (tool[member] === undefined ? [] : [[tool.name, tool[member]]])),
    )
  const names = tools.map(({ name }) => name)
  return {
    name: danger,
    tools: names,
    scopes: [scope(prefix, danger)],
    titles: told('title'),
    doubts: told('doubt'),
  }
}

/** A `*` in a rule is a wildcard, so a name that holds one cannot be written as a rule. */
export function unwritable({ tools, prompts }: Manifest): readonly string[] {
  return [...tools, ...prompts].filter((pin) => !isPlain(pin)).map(({ name }) => name)
}

function isPlain({ name }: Pinned): boolean {
  return name !== '' && !name.includes('*')
}

function promptRule({ prompts }: Manifest, prefix: string): ProposedRule[] {
  const names = prompts.filter(isPlain).map(({ name }) => name)
  if (names.length === 0) return []
  return [{ name: 'prompts', prompts: names, scopes: [scope(prefix, 'reading')], titles: {}, doubts: {} }]
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
    {
      name: 'resources',
      resources: [...new Set(patterns)],
      scopes: [scope(prefix, 'reading')],
      titles: {},
      doubts: {},
    },
  ]
}

function scope(prefix: string, danger: Danger): string {
  return `${prefix}:${LEVEL_OF[danger]}`
}
