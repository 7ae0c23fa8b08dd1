// `portcullis suggest`: rules for what a server lists, as YAML for a person to read and to put into a route. It changes
// no file and grants nothing.

import type { Manifest } from '../../core/manifest.ts'
import { loadManifest } from '../../manifest/file.ts'
import { manifestOf } from '../../manifest/manifest.ts'
import { type ProposedRule, suggestRules, unwritable } from '../../manifest/suggest.ts'
import { type ToolPage, toolPages } from '../../manifest/tool-page.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { printable } from '../shared/printable.ts'
import { wordsOfRules } from '../shared/scope-words.ts'
import { askInventory, exitWith, findTarget, type OrExit, TARGET_HELP } from '../shared/upstream-target.ts'
import { MANIFEST_OPTIONS, manifestFile } from './drift.ts'

export const summary = 'proposed rules for what an upstream lists'
export const help = `portcullis suggest [--route NAME | --url URL | --manifest FILE] [--scopes PREFIX] [--json]

Proposes rules from the names, titles and annotations of what a server lists: reading, writing, destructive and
sensitive tools, which run commands or give out secrets by their names, whatever their annotations say. It prints YAML and
grants nothing: read it, then put it into the route.

${TARGET_HELP}
  --manifest FILE    propose for a manifest instead of asking the server; it does not hold the pages of tools
  --scopes PREFIX    how the scopes begin: notes for notes:read (default: the route's name, or mcp)

Exit codes: 0 proposed, 1 the server could not be asked, 78 a broken file.
`

const OPTIONS = { ...MANIFEST_OPTIONS, scopes: { type: 'string' } } as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'suggest', read.message)
  const { values } = read
  if (values.scopes !== undefined && !/^[\w.-]{1,64}$/.test(values.scopes))
    return wrongUse(io, 'suggest', '--scopes is a word such as notes')
  const known = await readSubject(values, io)
  if (!known.ok) return known.code
  const { manifest, name, pages, server } = known.value
  const prefix = values.scopes ?? name
  const rules = suggestRules(manifest, prefix, pages)
  const words = wordsOfRules(rules, manifest, prefix, server ?? prefix)
  io.stdout.write(
    values.json
      ? `${JSON.stringify({ rules, words }, null, 2)}\n`
      : tellRules(rules, words, unwritable(manifest)),
  )
  return EXIT.fine
}

type Values = Parameters<typeof findTarget>[1] & { readonly manifest?: string | undefined }

interface Subject {
  readonly manifest: Manifest
  readonly name: string
  readonly pages: readonly ToolPage[]
  /** What the server calls itself for people. */
  readonly server?: string | undefined
}

async function readSubject(values: Values, io: Io): Promise<OrExit<Subject>> {
  if (values.manifest !== undefined) {
    const file = manifestFile(values.manifest, NOWHERE, io) ?? ''
    const read = loadManifest(file)
    if (read.ok)
      return { ok: true, value: { manifest: read.manifest, name: values.route ?? 'mcp', pages: [] } }
    io.stderr.write(`portcullis suggest: ${read.message}\n`)
    return exitWith(EXIT.brokenFile)
  }
  const target = await findTarget('suggest', values, io)
  if (!target.ok) return target
  const live = await askInventory('suggest', target.value, io)
  if (!live.ok) return live
  const pages = toolPages(live.value.tools)
  return {
    ok: true,
    value: {
      manifest: manifestOf(live.value),
      name: target.value.route?.name ?? 'mcp',
      pages,
      server: live.value.server.title,
    },
  }
}

const NOWHERE = { url: '', headers: {}, ca: undefined, route: undefined }

function tellRules(
  rules: readonly ProposedRule[],
  words: Readonly<Record<string, string>>,
  left: readonly string[],
): string {
  const lines = [
    '# A proposal, which grants nothing: read it, change it, put it into the route, then `portcullis check`.',
    ...left.map((name) => `# no rule can name ${JSON.stringify(printable(name))}, since * is a wildcard`),
    'policy:',
    rules.length === 0 ? '  rules: []' : '  rules:',
    ...rules.flatMap(linesOf),
    '# With the embedded server, what people read before they agree: authorization_server.scopes',
    ...Object.entries(words).map(([scope, text]) => `#   ${yamlText(scope)}: ${yamlText(text)}`),
  ]
  return `${lines.join('\n')}\n`
}

function linesOf({ name, tools, prompts, resources, scopes, titles, doubts }: ProposedRule): string[] {
  const lists = Object.entries({ tools, prompts, resources }).flatMap(([key, names]) => {
    if (names === undefined) return []
    const lines = names.map((each) => `        - ${yamlText(each)}${commentOf(titles[each], doubts[each])}`)
    return [`      ${key}:`, ...lines]
  })
  return [`    - name: ${name}`, ...lists, `      scopes: [${scopes.map(yamlText).join(', ')}]`]
}

const MAX_TITLE_CHARACTERS = 60

/** SECURITY: a title is the server's, and may end no comment. */
function commentOf(title: string | undefined, doubt: string | undefined): string {
  const said = title === undefined ? undefined : printable(title, MAX_TITLE_CHARACTERS)
  const told = [said, doubt && `careful: ${doubt}`].filter((part) => part !== undefined)
  return told.length === 0 ? '' : ` # ${told.join('; ')}`
}

/** Plain where every reader of YAML takes it for text; else a JSON string, which is YAML too. */
function yamlText(text: string): string {
  const isPlain = /^[A-Za-z][\w:-]*[\w]$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
  // Characters that a terminal would act on are escaped, as JSON allows.
  return isPlain
    ? text
    : JSON.stringify(text).replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/g, escaped)
}

function escaped(char: string): string {
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
