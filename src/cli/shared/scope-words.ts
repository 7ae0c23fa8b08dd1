// What a person reads before they agree to a scope, proposed from the titles of the tools behind it. The titles are words
// of the server: few, short, and in one line.
import type { Manifest } from '../../core/manifest.ts'
import { LEVEL_OF, type ProposedRule } from '../../manifest/suggest.ts'
import { type JudgedTool, judgeTool } from '../../manifest/tool-danger.ts'

type ScopeLevel = (typeof LEVEL_OF)[keyof typeof LEVEL_OF]

const BEGINNINGS: Readonly<Record<ScopeLevel, (server: string) => string>> = {
  read: (server) => `Look at what ${server} has`,
  write: (server) => `Change what ${server} has`,
  admin: (server) => `Do what is dangerous on ${server}`,
}

const MAX_TITLES = 3
const MAX_TITLE_CHARACTERS = 40

/** `Look at what Notes has: List notes, Search notes and 2 more`; without titles the beginning alone. */
export function scopeWords(level: ScopeLevel, server: string, tools: readonly JudgedTool[]): string {
  const titles = [...new Set(tools.flatMap(({ title }) => (title === undefined ? [] : [shortened(title)])))]
  const beginning = BEGINNINGS[level](shortened(server))
  if (titles.length === 0) return beginning
  const left = tools.length - Math.min(titles.length, MAX_TITLES)
  return `${beginning}: ${titles.slice(0, MAX_TITLES).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

/** Without what nobody sees, or what acts on a terminal or the text around it. */
function shortened(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const characters = [...plain]
  if (characters.length <= MAX_TITLE_CHARACTERS) return plain
  return `${characters.slice(0, MAX_TITLE_CHARACTERS - 1).join('')}…`
}

/**
 * The words for each scope of proposed rules.
 * @param prefix what the scopes begin with
 * @param server what people know it as
 */
export function wordsOfRules(
  rules: readonly ProposedRule[],
  { tools }: Manifest,
  prefix: string,
  server: string,
): Readonly<Record<string, string>> {
  const judged = tools.map(judgeTool)
  const levels = Object.values(LEVEL_OF).filter((level) =>
    rules.some(({ scopes }) => scopes.includes(`${prefix}:${level}`)),
  )
  const toolsOf = (level: ScopeLevel) => judged.filter(({ danger }) => LEVEL_OF[danger] === level)
  return Object.fromEntries(
    levels.map((level) => [`${prefix}:${level}`, scopeWords(level, server, toolsOf(level))]),
  )
}
