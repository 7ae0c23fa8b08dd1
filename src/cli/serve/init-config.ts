// The first gateway.yaml of somebody's own server, with comments that say why each line is there. What the tools say of
// themselves only sorts them into rules: everything that is not named stays closed.

import type { JudgedTool } from '../../manifest/tool-danger.ts'
import { printable } from '../shared/printable.ts'
import { scopeWords } from '../shared/scope-words.ts'
import { shown } from '../shared/table.ts'
import type { PreviewedTool, ToolPreview } from '../shared/tool-preview.ts'
import type { Reach } from './listen-address.ts'
import { type NamedServer, pathOf, programLines, routeNameOf, transportOf } from './named-server.ts'
import { adminLines, trustedCa, trustedProxiesLines } from './protect-config.ts'
import { quoted } from './yaml-text.ts'

export interface InitOptions extends Reach {
  readonly server: NamedServer
  /** The address of the admin port. */
  readonly admin: string
  /** The URL of an authorization server elsewhere; undefined: the one that Portcullis brings. */
  readonly issuer: string | undefined
  readonly preview: ToolPreview
}

/** A name that a pattern takes literally. */
const PLAIN_NAME = /^[\w./:-]+$/

/** @param folder where the file stands, or would */
export function initConfig(beginning: InitOptions, folder: string): string {
  const { server, publicUrl, listen, trustedProxies, admin, issuer } = beginning
  const sorted = sort(beginning.preview)
  const name = routeNameOf(server)
  return `# Begun by: portcullis init. Every key is described in docs/config.md; look at it with: portcullis check

# What clients type: scheme, host and port. Anything but this machine needs https.
public_url: ${quoted(publicUrl)}
# Where this process listens${trustedProxies.length === 0 ? '' : ', for the proxy'}.
listen: ${quoted(listen)}
${trustedProxiesLines(trustedProxies)}${adminLines(admin)}
issuers:
${issuer === undefined ? OWN_ISSUER : otherIssuer(issuer)}
${issuer === undefined ? ownServer(name, sorted) : ''}
routes:
  - name: ${name}
    # The public URL of the server is public_url and this path; tokens are for exactly that.
    path: ${quoted(pathOf(server))}
${upstreamLines(server, folder)}    issuers: [${issuer === undefined ? 'builtin' : 'corp'}]
    # Needed for anything at all.
    scopes: ["${name}:read"]
    policy:
      # A tool that no rule names can be neither called nor seen.
      default: deny
      rules:
${rulesFor(name, sorted)}`
}

function upstreamLines(server: NamedServer, folder: string): string {
  if (!('url' in server)) return programLines(server, folder)
  const ca = server.ca === undefined ? '' : `, ${trustedCa(server.ca)}`
  return `    upstream: { url: ${quoted(server.url)}, transport: ${transportOf(server)}${ca} }\n`
}

const OWN_ISSUER = `  # The authorization server that Portcullis brings. People: portcullis users add NAME
  builtin: { embedded: true }
`

function otherIssuer(issuer: string): string {
  const insecure = issuer.startsWith('http:') ? ', allow_insecure_issuer: true' : ''
  return `  # Byte for byte as \`issuer\` in its metadata.
  corp: { issuer: ${quoted(issuer)}${insecure} }
`
}

/** A word for a scope that no rule names would make `check` complain. */
function ownServer(name: string, { reading, writing, server }: Sorted): string {
  const words = [
    `    "${name}:read": ${quoted(scopeWords('read', server ?? name, reading))}`,
    ...(writing.length > 0
      ? [`    "${name}:write": ${quoted(scopeWords('write', server ?? name, writing))}`]
      : []),
  ]
  return `authorization_server:
  data: .portcullis/as.sqlite
  # The words that people read before they agree.
  scopes:
${words.join('\n')}
`
}

interface Sorted {
  /** What it calls itself for people. */
  readonly server: string | undefined
  readonly reading: readonly JudgedTool[]
  readonly writing: readonly JudgedTool[]
  readonly sensitive: readonly JudgedTool[]
  /** Names that a rule cannot write literally. */
  readonly odd: readonly string[]
  readonly said: { readonly reading: string; readonly writing: string }
}

const LOOKED = {
  reading:
    'The server says of these that they change nothing (readOnlyHint). That proves nothing: look yourself.',
  writing: 'These may change something, or do not say.',
}
const SENSITIVE =
  'By their names these run commands or give out secrets. Closed; to open one, let it have a rule with a scope.'

function sort(preview: ToolPreview): Sorted {
  if (!preview.ok) {
    // SECURITY: the problem may hold words of the server, and a line break would end the comment.
    const said = { reading: `No tool is open yet: ${shown(preview.problem)}.`, writing: LOOKED.writing }
    const [reading, writing] = [[unknownTool('name-of-a-tool')], [unknownTool('name-of-another')]]
    return { server: undefined, reading, writing, sensitive: [], odd: [], said }
  }
  const { title: server, tools } = preview.value
  const plain = tools.filter(({ name }) => PLAIN_NAME.test(name))
  const isReading = ({ danger, readOnly }: PreviewedTool) => danger === 'reading' && readOnly
  const isSensitive = ({ danger }: PreviewedTool) => danger === 'sensitive'
  return {
    server,
    reading: plain.filter(isReading),
    writing: plain.filter((tool) => !isReading(tool) && !isSensitive(tool)),
    sensitive: plain.filter(isSensitive),
    odd: tools.flatMap(({ name }) => (PLAIN_NAME.test(name) ? [] : [name])),
    said: LOOKED,
  }
}

function unknownTool(name: string): JudgedTool {
  return { name, title: undefined, danger: 'writing', doubt: undefined }
}

function rulesFor(name: string, { reading, writing, sensitive, odd, said }: Sorted): string {
  const lines = [
    ...rule('reading', reading, `scopes: ["${name}:read"]`, said.reading),
    ...rule('writing', writing, `scopes: ["${name}:write"]`, said.writing),
    ...rule('sensitive', sensitive, 'effect: deny', SENSITIVE),
    ...(odd.length === 0
      ? []
      : [`# Left out, for their names: ${shown(odd.map((tool) => JSON.stringify(tool)).join(', '))}`]),
    '# Prompts and resources, where there are some.',
    `- { name: prompts, prompts: ["*"], scopes: ["${name}:read"] }`,
    `- { name: resources, resources: ["**"], scopes: ["${name}:read"] }`,
  ]
  return lines.map((line) => `        ${line}\n`).join('')
}

function rule(name: string, tools: readonly JudgedTool[], terms: string, why: string): readonly string[] {
  if (tools.length === 0) return []
  return [
    `# ${why}`,
    `- name: ${name}`,
    `  ${terms}`,
    '  tools:',
    ...tools.map((tool) => `    - ${quoted(tool.name)}${titleComment(tool)}`),
  ]
}

const MAX_TITLE_CHARACTERS = 60

/** SECURITY: a title is the server's, and may end no comment. */
function titleComment({ title }: JudgedTool): string {
  return title === undefined ? '' : ` # ${printable(title, MAX_TITLE_CHARACTERS)}`
}
