// A whole gateway over real sockets for a test: an issuer, a recording upstream, and the gateway between, from an
// ordinary gateway.yaml. The audit goes to a file that a test can read.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import type { Settings } from '../../src/core/settings.ts'
import type { SharedState } from '../../src/core/shared-state.ts'
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts'
import type { BodyBudget } from '../../src/http/body.ts'
import { createLog } from '../../src/observe/log.ts'
import { checkPolicies } from '../../src/policy/check.ts'
import { freePort } from './free-port.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { startUpstream, type TestUpstream } from './upstream.ts'

export interface TestGateway {
  /** `http://127.0.0.1:PORT`: the public URL and where it listens. */
  readonly origin: string
  /** `${origin}/mcp/a`: the resource of the first route. */
  readonly resource: string
  readonly issuer: TestIssuer
  readonly upstream: TestUpstream
  readonly running: RunningGateway
  /** A token for the first route; claims are laid over the usual ones. */
  token(scope?: string, claims?: object): string
  /** POSTs one JSON-RPC message (or raw text) with a token of scope `a`, unless headers say otherwise. */
  post(body: unknown, headers?: Readonly<Record<string, string>>, path?: string): Promise<Response>
  /** Lines of the audit file so far; flushed by `close`, so read after it or poll. */
  audit(): readonly Record<string, unknown>[]
  /** Lines of the process log. */
  readonly log: string[]
  settings(yaml: string): Settings
  /** The text of its gateway.yaml, with other options laid over those it was started with. */
  yaml(changes?: TestGatewayOptions): string
  /** Reloads the same file, with other options laid over those it was started with. */
  reload(changes?: TestGatewayOptions): Promise<void>
  close(): Promise<void>
}

export interface TestGatewayOptions {
  /** YAML of the route's policy, indented for `routes[0]`; default: tool `safe` needs `a`, `danger` needs `admin`. */
  readonly policy?: string
  /** More lines of the route, such as `dpop: require`. */
  readonly route?: string
  /** More lines of the issuer; less indented, they are further issuers. */
  readonly issuer?: string
  /** Instead of `[as1]`. */
  readonly routeIssuers?: string
  /** More top-level lines. */
  readonly top?: string
  readonly transport?: 'http' | 'sse'
  /** An upstream other than the recording one. */
  readonly upstreamUrl?: string
  /** More keys of the upstream, each followed by a comma: `timeout: 1s,`. */
  readonly upstream?: string
  /** Keys of an upstream that is a program, instead of all others: `command: [node, server.js]`. */
  readonly program?: string
  /** Each line is in the file before its call goes on, so that `audit()` sees it at once. */
  readonly auditRequired?: boolean
  /** Where the audit goes, instead of a file that `audit()` reads. */
  readonly auditFile?: string
  /** More keys of `audit`: `chain: true`. */
  readonly auditKeys?: string
  /** Called before the gateway starts, to break what it starts with. */
  readonly prepare?: (parts: { readonly issuer: TestIssuer; readonly upstream: TestUpstream }) => void
  /** What clients are told to type, instead of where it listens. */
  readonly publicUrl?: string
  /** Value of `admin`. */
  readonly admin?: string
  readonly bodies?: BodyBudget
  /** A gateway for the same public URL, whose issuer and upstream this one uses. */
  readonly beside?: TestGateway
  readonly state?: SharedState
  readonly env?: Readonly<Record<string, string>>
}

export const DEFAULT_POLICY = `
      rules:
        - { name: safe, tools: [safe], scopes: [a] }
        - { name: danger, tools: [danger], scopes: [admin] }
        - { name: no, effect: deny, tools: [forbidden] }
        - { name: prompts, prompts: [open], scopes: [a] }
        - { name: files, resources: ["file:///pub/**"], scopes: [a] }`

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { beside } = options
  const issuer = beside?.issuer ?? (await startIssuer())
  const upstream = beside?.upstream ?? (await startUpstream())
  options.prepare?.({ issuer, upstream })
  const origin = `http://127.0.0.1:${await freePort()}`
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-gateway-'))
  const auditFile = options.auditFile ?? join(folder, 'audit.jsonl')
  const log: string[] = []
  const settings = (yaml: string) => readSettings(yaml, options.env ?? {})
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: options.upstreamUrl ?? upstream.url }
  const publicUrl = options.publicUrl ?? beside?.origin
  const given = publicUrl === undefined ? options : { ...options, publicUrl }
  const yamlWith = (changes: TestGatewayOptions = {}) =>
    gatewayYaml({ ...given, ...urls, auditFile, ...changes })
  const yaml = yamlWith()
  const running = await startGateway({
    settings: settings(yaml),
    ...(options.bodies ? { bodies: options.bodies } : {}),
    ...(options.state ? { state: options.state } : {}),
    log: createLog('debug', { write: (line: string) => void log.push(line) }),
  })
  const resource = `${beside?.origin ?? origin}/mcp/a`
  const token = (scope = 'a', claims: object = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const usual = {
      iss: issuer.url,
      sub: 'user-1',
      aud: resource,
      client_id: 'client-1',
      iat: now,
      exp: now + 600,
    }
    return issuer.sign({ ...usual, scope, ...claims })
  }
  return {
    origin,
    resource,
    issuer,
    upstream,
    running,
    token,
    post: (body, headers = {}, path = '/mcp/a') =>
      fetch(origin + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    audit: () => readLines(auditFile),
    log,
    settings,
    yaml: yamlWith,
    reload: (changes = {}) => running.reload(settings(yamlWith(changes))),
    async close() {
      await running.close(100)
      if (beside === undefined) {
        await upstream.close()
        await issuer.close()
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface YamlParts extends Omit<TestGatewayOptions, 'prepare' | 'bodies' | 'state' | 'beside'> {
  readonly origin: string
  readonly issuerUrl: string
  readonly upstreamUrl: string
  readonly auditFile: string
}

export function gatewayYaml(parts: YamlParts): string {
  const { origin, issuerUrl, upstreamUrl, auditFile, transport = 'http' } = parts
  return `public_url: ${parts.publicUrl ?? origin}
listen: ${new URL(origin).host}
admin: ${parts.admin ?? '{ listen: 127.0.0.1:0 }'}
audit: { file: ${auditFile}, required: ${parts.auditRequired ?? false}${parts.auditKeys ? `, ${parts.auditKeys}` : ''} }
${parts.top ?? ''}
issuers:
  as1:
    issuer: ${issuerUrl}
    allow_insecure_issuer: true
${parts.issuer ?? ''}
routes:
  - name: a
    path: /mcp/a
    upstream: { ${parts.program ?? `${parts.upstream ?? ''} url: "${upstreamUrl}", transport: ${transport}`} }
    issuers: ${parts.routeIssuers ?? '[as1]'}
    scopes: [a]
${parts.route ?? ''}
    policy:${parts.policy ?? DEFAULT_POLICY}
`
}

function readSettings(yaml: string, env: Readonly<Record<string, string>>): Settings {
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env, checks: [checkPolicies] })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.settings
}

function readLines(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** A `tools/call` request. */
export function toolCall(name: string, id: unknown = 1): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {} } }
}
