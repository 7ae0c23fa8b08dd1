// Lines of an audit as they stand in files, and a folder with them beside a configuration that writes `audit.jsonl`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderWith } from '../shared/recording-io.ts'

export const DAY = '2026-11-29T'
let count = 0

/** @param clock `14:03:11` */
export function line(clock: string, members: object = {}): string {
  count += 1
  return JSON.stringify({
    ...{ time: `${DAY}${clock}.500Z`, stream: 'audit', event: 'decision', request_id: `id-${count}` },
    ...{ route: 'notes', method: 'tools/call', target: clock, subject: 'ada', client: 'desk' },
    ...{ decision: 'allowed', ...members },
  })
}

export function text(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

export const CONFIG = `public_url: https://mcp.example.com
trusted_proxies: [127.0.0.1]
audit: { file: audit.jsonl }
issuers: { corp: { issuer: https://login.example.com } }
routes:
  - { name: notes, path: /notes/mcp, upstream: { url: "http://127.0.0.1:3001/mcp" }, issuers: [corp] }
`

export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = folderWith({ 'gateway.yaml': CONFIG })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}
