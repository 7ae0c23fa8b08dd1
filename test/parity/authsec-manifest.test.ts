// D2: what AuthSec is told of a server's tools, beside what its Python SDK put there (recordings/authsec-sdk.json).
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { RemotePolicySettings } from '../../src/core/settings-remote.ts'
import { publishSdkManifest } from '../../src/remote/sdk-manifest.ts'
import { startTestGateway } from '../support/gateway.ts'
import { sendJson } from '../support/upstream.ts'

interface Put {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`recordings/${name}`, import.meta.url), 'utf8')) as Record<string, unknown>
const { publish: recorded, version } = read('authsec-sdk.json') as { publish: Put; version: string }
const { tools, suggestions } = read('authsec-cases.json') as {
  tools: Record<string, unknown>[]
  suggestions: Record<string, string[]>
}

async function startRecorder(status: number): Promise<{ readonly url: string; readonly puts: Put[] }> {
  const puts: Put[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    if (method === 'PUT') puts.push({ method, path, headers, body: JSON.parse(await text(request)) })
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"policy_complete":false}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, puts }
}

const remote = (url: string): RemotePolicySettings => ({
  ...{ kind: 'authsec', url, resourceServer: 'rs-1', clientId: 'client-9', orLocal: false },
  ...{ secret: new Secret('intro+spection/secret='), legacyEmpty: 'deny', publishManifest: true },
  suggestedScopes: new Map(Object.entries(suggestions)),
})

test(`D2 the same question as authsec-sdk ${version}`, async () => {
  const { url, puts } = await startRecorder(200)
  expect(await publishSdkManifest(remote(url), tools)).toBeUndefined()
  expect(puts).toHaveLength(1)
  const [put] = puts
  const { authorization, 'content-type': type } = put?.headers ?? {}
  expect({ ...put, headers: { authorization, type } }).toEqual({
    ...recorded,
    headers: { authorization: recorded.headers.authorization, type: recorded.headers['content-type'] },
  })
})

test('D2 an answer that is no success is told', async () => {
  const { url } = await startRecorder(500)
  expect(await publishSdkManifest(remote(url), tools)).toBe('it answered 500')
})

test('D2 a gateway tells what its upstream lists, and serves whatever AuthSec says', async () => {
  const { url, puts } = await startRecorder(200)
  const gateway = await startTestGateway({
    env: { SECRET: 'x' },
    policy: `
      source: authsec
      authsec: { url: "${url}", resource_server: rs-1, secret: "\${SECRET}", publish_manifest: true }`,
    prepare: ({ upstream }) => {
      upstream.respond = ({ body }, response) => {
        const { id } = JSON.parse(body.toString() || '{}') as { id?: unknown }
        sendJson(response, 200, { jsonrpc: '2.0', id, result: { capabilities: { tools: {} }, tools } })
      }
    },
  })
  onTestFinished(() => gateway.close())
  await expect.poll(() => puts.length, { timeout: 10_000 }).toBe(1)
  expect(puts[0]?.body).toMatchObject({ tools: [{ name: 'list', title: 'List' }, { name: 'purge' }] })
})
