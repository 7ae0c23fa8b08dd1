// What `protect` says to the person who started it: where the server is now, and what to paste into which client. Starts
// nothing.
import { relative } from 'node:path'
import type { Settings } from '../../core/settings.ts'
import { isLoopback } from '../../lib/loopback.ts'
import { DEFAULT_CONFIG } from '../shared/configuration.ts'
import { INSPECTOR_ORIGINS, inspectorLine } from '../shared/inspector.ts'
import { shown } from '../shared/table.ts'
import type { ToolPreview } from '../shared/tool-preview.ts'
import { pathOf, transportOf } from './named-server.ts'
import { type Protection, protectedName } from './protect-config.ts'

/** Of the Inspector, whose page runs where the person sits: allowed exactly where its line is printed. */
export function originsOfPages(publicUrl: string): readonly string[] {
  const isHere = URL.canParse(publicUrl) && isLoopback(new URL(publicUrl).hostname)
  return isHere ? INSPECTOR_ORIGINS : []
}

export interface Started {
  readonly preview: ToolPreview
  /** Origin of the admin port. */
  readonly admin: string
  readonly cwd: string
}

export function protectGreeting(protection: Protection, { preview, admin, cwd }: Started): string {
  const { server, publicUrl, data, audit } = protection
  const url = `${publicUrl.replace(/\/$/, '')}${pathOf(server)}`
  const seen = preview.ok ? `${preview.value.tools.length} tools` : `careful: ${shown(preview.problem)}`
  const named = (file: string) => relative(cwd, file) || file
  return `${'url' in server ? server.url : protectedName(server)} (${seen}) is protected at

  ${url}

Paste into a client:

${pasteLines(protection, url)
  .map((line) => `  ${line}\n`)
  .join('')}
The client opens a browser, and people sign in there. What they connected: ${publicUrl}/account
More people: the same command with \`users add NAME --data ${named(data)}\` in place of \`protect …\`
Health and metrics: ${admin}/readyz ${admin}/metrics
To keep this as a file: the same command with --write ${DEFAULT_CONFIG}
Data ${named(data)}, audit ${named(audit)}. Ctrl-C ends it.

${lastWords(server)}
`
}

function lastWords(server: Protection['server']): string {
  return 'url' in server
    ? `Now make sure that nobody reaches ${new URL(server.url).origin} but this gateway.`
    : 'Each session has a program of its own. It runs as you, and may read what you may: docs/programs.md'
}

/** Codex speaks no HTTP+SSE. */
function pasteLines({ server, allowedOrigins }: Protection, url: string): readonly string[] {
  const transport = 'url' in server ? transportOf(server) : 'http'
  const name = protectedName(server)
  return [
    `claude mcp add --transport ${transport} ${name} ${url}`,
    ...(transport === 'http' ? [`codex mcp add ${name} --url ${url}`] : []),
    ...(allowedOrigins.length > 0 ? [inspectorLine(url, transport)] : []),
    `{ "mcpServers": { "${name}": { ${transport === 'sse' ? '"type": "sse", ' : ''}"url": "${url}" } } }`,
  ]
}

/** What to do with a file that `--write` has written. */
export function writtenFarewell(name: string, { admin, publicUrl }: Settings): string {
  const file = name === DEFAULT_CONFIG ? '' : ` -c ${name}`
  return `${name} is written; it serves the same as this command:

  portcullis check${file}
  portcullis run${file}
  portcullis users add NAME${file}

Where \`portcullis\` is no command of yours, write what you started this one with.
Clients type ${publicUrl}; health and metrics are at port ${admin.listen.port} of ${admin.listen.host}.
`
}
