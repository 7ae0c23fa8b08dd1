// Somebody else's server with the gateway mounted in it: an issuer, a recording upstream, and a host that a test chooses,
// over real sockets.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Settings } from '../../src/core/settings.ts'
import {
  createHandler,
  type GatewayHandler,
  type HandlerOptions,
  parseConfig,
  renderProblem,
} from '../../src/library.ts'
import { freePort } from '../support/free-port.ts'
import { gatewayYaml, type YamlParts } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

export interface TestHost {
  readonly origin: string
  readonly issuer: TestIssuer
  readonly upstream: TestUpstream
  readonly handler: GatewayHandler
  readonly server: Server
  /** What the gateway logged: level and fields, with the message. */
  readonly log: { readonly level: string; readonly message: string; readonly [field: string]: unknown }[]
  /** Audit lines, read. */
  readonly audit: Record<string, unknown>[]
  settings(parts?: Partial<YamlParts>): Settings
  token(claims?: object): string
  /** POSTs a JSON-RPC message with a token, unless headers say otherwise. */
  post(body: unknown, headers?: Readonly<Record<string, string>>, path?: string): Promise<Response>
}

export interface HostOptions extends Partial<Omit<HandlerOptions, 'settings'>> {
  readonly yaml?: Partial<YamlParts>
  /** The whole file instead. */
  readonly file?: (parts: {
    readonly origin: string
    readonly upstreamUrl: string
    readonly folder: string
  }) => string
}

/** How a host serves the handler. */
export type Mount = (handler: GatewayHandler) => RequestListener | Server

export const plainly: Mount = (handler) => handler

export async function startHost(
  mount: Mount,
  { yaml = {}, file, ...over }: HostOptions = {},
): Promise<TestHost> {
  const issuer = await startIssuer()
  const upstream = await startUpstream()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-library-'))
  const origin = `http://127.0.0.1:${await freePort()}`
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url, auditFile: join(folder, 'audit') }
  const settings = (parts: Partial<YamlParts> = {}) =>
    readSettings(file?.({ ...urls, folder }) ?? gatewayYaml({ ...urls, ...yaml, ...parts }))
  const log: TestHost['log'] = []
  const audit: Record<string, unknown>[] = []
  const say = (level: string) => (fields: object, message: string) =>
    void log.push({ ...fields, level, message })
  const handler = await createHandler({
    settings: settings(),
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    auditSink: { write: (line) => void audit.push(JSON.parse(line)) },
    ...over,
  })
  const mounted = mount(handler)
  const server = typeof mounted === 'function' ? createServer(mounted) : mounted
  await new Promise<void>((resolve) => server.listen(Number(new URL(origin).port), '127.0.0.1', resolve))
  onTestFinished(async () => {
    await handler.close(0)
    server.closeAllConnections?.()
    await new Promise((resolve) => server.close(resolve))
    await upstream.close()
    await issuer.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const token = (claims: object = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const usual = { iss: issuer.url, sub: 'user-1', aud: `${origin}/mcp/a`, client_id: 'c', scope: 'a' }
    return issuer.sign({ ...usual, iat: now, exp: now + 600, ...claims })
  }
  return {
    ...{ origin, issuer, upstream, handler, server, log, audit, settings, token },
    post: (body, headers = {}, path = '/mcp/a') =>
      fetch(origin + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

function readSettings(yaml: string): Settings {
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded.settings
}
