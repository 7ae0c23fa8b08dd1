// The whole thing over a socket: gateway, embedded authorization server, an upstream, and a person who signs in and
// agrees. Clients under test speak to it with plain requests, so that each sends exactly what the real one sends.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Operations, openOperator } from '../../../src/as/operate/operator.ts'
import { createDemoPerson, type DemoPerson } from '../../../src/cli/demo/person.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { renderProblem } from '../../../src/config/problem.ts'
import type { Settings } from '../../../src/core/settings.ts'
import { type RunningGateway, startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'
import { checkPolicies } from '../../../src/policy/check.ts'
import { freePort } from '../../support/free-port.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'

export const PASSWORD = 'correct horse battery'

export interface Whole {
  readonly origin: string
  /** The public URL of the route. */
  readonly resource: string
  /** Holds what the gateway was started with, as `gateway.yaml`. */
  readonly folder: string
  /** Path of the authorization server's data. */
  readonly data: string
  readonly upstream: TestUpstream
  readonly operator: Operations
  readonly gateway: RunningGateway
  /** Lines of the audit so far. */
  audit(): readonly Readonly<Record<string, unknown>>[]
  /** Ada, with a fresh browser. */
  person(): DemoPerson
  /** Reloads the same file with other lines of `authorization_server`. */
  reload(server: string): Promise<void>
  /** Ends the gateway and the operator, does the work, and starts both again on the same data. */
  whileStopped(work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface WholeOptions {
  /** Lines of `authorization_server.registration.client_id_metadata`, as a flow map. */
  readonly documents?: string
  /** Lines of the route. */
  readonly route?: string
  /** More lines of `authorization_server`, indented by two. */
  readonly server?: string
  /** What clients are told to type, instead of where it listens. */
  readonly publicUrl?: string
  /** Lines at the top of the file. */
  readonly top?: string
  /** Instead of the recording one. */
  readonly upstreamUrl?: string
  /** Value of `admin`. */
  readonly admin?: string
  /** Instead of rules for `safe` and `danger`. */
  readonly rules?: string
}

const RULES = `
        - { name: reading, tools: [safe], scopes: [notes:read] }
        - { name: writing, tools: [danger], scopes: [notes:write] }`

export async function startWhole(options: WholeOptions = {}): Promise<Whole> {
  const { documents = '{}', route = '', top = '', rules = RULES } = options
  const upstream = await startUpstream()
  const listening = `127.0.0.1:${await freePort()}`
  const origin = options.publicUrl ?? `http://${listening}`
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-whole-'))
  const [data, auditFile] = [join(folder, 'as.sqlite'), join(folder, 'audit.jsonl')]
  const yaml = (server: string) => `
public_url: ${origin}
listen: ${listening}
admin: ${options.admin ?? '{ listen: 127.0.0.1:0 }'}
audit: { file: ${auditFile}, required: true }
${top}
issuers:
  builtin: { embedded: true }
authorization_server:
  data: ${data}
  registration: { client_id_metadata: ${documents} }
${server}
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${options.upstreamUrl ?? upstream.url}
    issuers: [builtin]
    scopes: [notes:read]
${route}
    policy:
      rules:${rules}
`
  writeFileSync(join(folder, 'gateway.yaml'), yaml(options.server ?? ''))
  const serve = () =>
    startGateway({
      settings: settingsOf(yaml(options.server ?? '')),
      log: createLog('error', { write: () => undefined }),
    })
  const operate = () =>
    openOperator({
      settings: { data, cookieSecret: undefined },
      clock: { now: () => Date.now() },
      actor: 'operator olga',
    })
  let [gateway, operator] = [await serve(), await operate()]
  await operator.users.add('ada', PASSWORD)
  return {
    origin,
    resource: `${origin}/notes/mcp`,
    folder,
    data,
    upstream,
    get operator() {
      return operator
    },
    get gateway() {
      return gateway
    },
    audit: () =>
      readFileSync(auditFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    person: () => createDemoPerson({ name: 'ada', password: PASSWORD, fetch }),
    reload: (server) => gateway.reload(settingsOf(yaml(server))),
    async whileStopped(work) {
      await gateway.close(100)
      await operator.close()
      try {
        await work()
      } finally {
        gateway = await serve()
        operator = await operate()
      }
    },
    async close() {
      await gateway.close(100)
      await operator.close()
      await upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function settingsOf(yaml: string): Settings {
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {}, checks: [checkPolicies] })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.settings
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: Readonly<Record<string, unknown>>
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  const json = isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: response.status, headers: response.headers, json }
}

export function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const type = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  return ask(url, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(body) })
}

/** Posts a form; members that are undefined are not sent. */
export function postForm(url: string, fields: Readonly<Record<string, string | undefined>>): Promise<Answer> {
  const sent = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return ask(url, { method: 'POST', headers, body: new URLSearchParams(sent).toString() })
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** A `tools/call` of the handshake era with a token. */
export function callTool(whole: Whole, token: string, name = 'safe'): Promise<Answer> {
  return post(
    whole.resource,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } },
    { authorization: `Bearer ${token}`, 'mcp-protocol-version': '2025-11-25' },
  )
}
