// How dangerous a tool is, by its name, its title and its annotations, for rules that are proposed. They are words of the
// server about itself: a word that says worse is believed more, and nothing here opens a tool.
import type { Item, Pinned } from '../core/manifest.ts'
import { membersOf } from '../lib/json.ts'

/** `sensitive`: it runs commands of its caller, or gives out secrets. */
export type Danger = 'reading' | 'writing' | 'destructive' | 'sensitive'

export interface JudgedTool {
  readonly name: string
  /** Its own word for people; undefined where it has none, or only its name. */
  readonly title: string | undefined
  readonly danger: Danger
  /** Why a person should look at it twice. */
  readonly doubt: string | undefined
}

const READS =
  /^(?:get|list|search|read|find|fetch|query|describe|show|view|count|lookup|resolve|check|inspect|browse|status|info|stat|tail|diff|compare|validate|explain|download|export|ping|echo|summarize|calculate)$/
const DESTROYS =
  /^(?:delete|remove|drop|purge|destroy|kill|revoke|wipe|erase|truncate|uninstall|reset|clear|terminate|shutdown|format|overwrite|cancel|disable|ban)$/
const COMMANDS =
  /^(?:exec|execute|eval|evaluate|shell|bash|zsh|cmd|commands?|powershell|terminal|subprocess|spawn|sudo|ssh|repl|(?:run|exec)(?:cmd|command|shell|script|code))$/
const SECRETS =
  /^(?:(?:get|set|print|dump|list|show)?env|envs|environ|environment|dotenv|secrets?|passwords?|passwd|passphrases?|credentials?|tokens?|apikeys?|keychain|cookies?)$/
/** Of words that follow each other. */
const RUNS_CODE = /\brun (?:\w+ )?(?:code|scripts?|python|javascript|js|sql)\b/
const KEYS = /\b(?:api|private|access|signing|encryption) keys?\b/

export function judgeTool({ name, definition }: Pick<Pinned, 'name' | 'definition'>): JudgedTool {
  const hints = membersOf(definition['annotations']) ?? {}
  const title = titleOf(name, definition)
  return { name, title, ...judge(wordsOf(`${name} ${title ?? ''}`), hints) }
}

/** MCP 2025-06-18 schema, BaseMetadata: `title`, then `annotations.title`, are for people. */
function titleOf(name: string, definition: Item): string | undefined {
  const own = [definition['title'], membersOf(definition['annotations'])?.['title']]
  return own.find((text): text is string => typeof text === 'string' && text.trim() !== '' && text !== name)
}

type Judgement = Pick<JudgedTool, 'danger' | 'doubt'>

function judge(words: readonly string[], hints: Item): Judgement {
  const sensitive = sensitivityOf(words)
  if (sensitive !== undefined) return { danger: 'sensitive', doubt: sensitive }
  const named = dangerOf(words)
  if (hints['readOnlyHint'] === true)
    return named === 'destructive'
      ? { danger: named, doubt: 'it says that it only reads, its name says otherwise' }
      : sure('reading')
  if (hints['destructiveHint'] === true)
    return named === 'reading'
      ? { danger: 'destructive', doubt: 'it says that it destroys, its name says that it reads' }
      : sure('destructive')
  if (named === 'destructive') return sure(named)
  const changes = hints['readOnlyHint'] === false || hints['destructiveHint'] === false
  return sure(changes ? 'writing' : named)
}

function sure(danger: Danger): Judgement {
  return { danger, doubt: undefined }
}

/** The words of `deleteNote`, `delete-note`, `notes.delete`, in lower case. */
function wordsOf(text: string): readonly string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}

function sensitivityOf(words: readonly string[]): string | undefined {
  const text = words.join(' ')
  if (words.some((word) => COMMANDS.test(word)) || RUNS_CODE.test(text))
    return 'by its name it runs what its caller sends'
  const isSecret = words.some((word) => SECRETS.test(word)) || KEYS.test(text)
  return isSecret ? 'by its name it gives out secrets' : undefined
}

/** The worst of the words; one that reads comes before none. */
function dangerOf(words: readonly string[]): Danger {
  if (words.some((word) => DESTROYS.test(word))) return 'destructive'
  return words.some((word) => READS.test(word)) ? 'reading' : 'writing'
}
