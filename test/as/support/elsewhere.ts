// A gateway whose people sign in with a browser at an issuer elsewhere; it has no authorization server of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parseConfig } from '../../../src/config/load.ts'
import { renderProblem } from '../../../src/config/problem.ts'
import type { Settings } from '../../../src/core/settings.ts'
import { startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'
import { freePort } from '../../support/free-port.ts'
import { toolCall } from '../../support/gateway.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'
import type { Agent } from './agent.ts'

export const CLIENT_SECRET = 'the secret of the gateway at the issuer'

export interface Elsewhere {
  readonly origin: string
  /** The public URL of the route. */
  readonly resource: string
  readonly upstream: TestUpstream
  reload(): Promise<void>
  /** The audit so far. */
  audit(): string
  close(): Promise<void>
}

export interface ElsewhereOptions {
  /** Members of `browser` beside the issuer and the client's id. */
  readonly client?: string
  /** Instead of any free port. */
  readonly at?: string
}

export async function startElsewhere(issuer: string, options: ElsewhereOptions = {}): Promise<Elsewhere> {
  const { client = `client_secret: ${CLIENT_SECRET}`, at } = options
  const upstream = await startUpstream()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-elsewhere-'))
  const origin = at ?? `http://127.0.0.1:${await freePort()}`
  const audit = join(folder, 'audit.jsonl')
  const settings = settingsOf(`
public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${audit}, required: true }
issuers: { corp: { issuer: ${issuer}, allow_insecure_issuer: true } }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${upstream.url}
    issuers: [corp]
    scopes: [notes:read]
    policy: { rules: [{ name: safe, tools: [safe], scopes: [notes:read] }] }
    browser: { issuer: corp, client_id: portcullis-at-fake, ${client} }
`)
  const log = createLog('error', { write: () => undefined })
  const running = await startGateway({ settings, log })
  return {
    origin,
    resource: `${origin}/notes/mcp`,
    upstream,
    reload: () => running.reload(settings),
    audit: () => readFileSync(audit, 'utf8'),
    async close() {
      await running.close(100)
      await upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function settingsOf(yaml: string): Settings {
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.settings
}

export function auth({ origin }: Elsewhere, path: string): string {
  return `${origin}/auth/${path}`
}

/** What /auth/login asks the issuer for. */
export async function begin(gateway: Elsewhere, agent: Agent): Promise<URL> {
  const begun = await agent.get(auth(gateway, 'login'))
  expect(begun.status).toBe(303)
  return new URL(begun.location ?? '')
}

export async function isSignedIn(gateway: Elsewhere, agent: Agent): Promise<boolean> {
  const said = JSON.parse((await agent.get(auth(gateway, 'status'))).body) as { authenticated: boolean }
  return said.authenticated
}

/** The status of a call with the session of the browser, as a page of our own would send it. */
export async function callNotes({ origin, resource }: Elsewhere, agent: Agent): Promise<number> {
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = { cookie, origin, 'x-portcullis-request': '1', 'content-type': 'application/json' }
  return (await fetch(resource, { method: 'POST', headers, body: JSON.stringify(toolCall('safe')) })).status
}
