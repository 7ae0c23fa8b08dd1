// What the trap tests share: a gateway that ends with its test, one behind a Wacht check, and short ways to call.
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { startWacht, type TestWacht } from '../support/wacht.ts'

export async function open(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({ auditRequired: true, ...options })
  onTestFinished(() => gateway.close())
  return gateway
}

/** With `verifier: wacht`; `more` are further lines of the issuer. */
export async function openWacht(
  more = '',
): Promise<{ readonly gateway: TestGateway; readonly wacht: TestWacht }> {
  const at: { gateway?: TestGateway } = {}
  const wacht = await startWacht({
    issuer: () => at.gateway?.issuer.url ?? '',
    resource: () => at.gateway?.resource ?? '',
  })
  onTestFinished(() => wacht.close())
  const gateway = await open({ issuer: `    verifier: wacht\n    gateway_url: ${wacht.url}\n${more}` })
  at.gateway = gateway
  return { gateway, wacht }
}

const INTROSPECTION = '    introspection: { client_id: portcullis, client_secret: secret }'

/** With introspection in this mode; the issuer answers with the claims of a good token and what is laid over them. */
export async function openIntrospecting(
  mode: string,
  over: (gateway: TestGateway) => object = () => ({}),
): Promise<TestGateway> {
  const block = mode === 'jwt' ? '' : INTROSPECTION
  const gateway = await open({ issuer: `    validation: ${mode}\n${block}` })
  gateway.issuer.introspect = () => ({
    ...{ active: true, iss: gateway.issuer.url, aud: gateway.resource, sub: 'user-1', client_id: 'client-1' },
    ...{ scope: 'a', exp: Math.floor(Date.now() / 1000) + 600 },
    ...over(gateway),
  })
  return gateway
}

/** Calls a tool with a token. */
export function call(gateway: TestGateway, token: string, tool = 'safe'): Promise<Response> {
  return gateway.post(toolCall(tool), { authorization: `Bearer ${token}` })
}

export function challengeOf(response: Response): string {
  return response.headers.get('www-authenticate') ?? ''
}

/** A refused token: 401 with a challenge that finds the metadata, and nothing for the upstream. */
export function expectUnauthorized(response: Response, { upstream }: TestGateway): void {
  expect(response.status).toBe(401)
  expect(challengeOf(response)).toMatch(/^Bearer .*resource_metadata="/)
  expect(upstream.received).toEqual([])
}

/** Messages of the errors in a file. */
export function errorsIn(yaml: string): readonly string[] {
  const loaded = parseConfig(yaml, {
    file: 'gateway.yaml',
    env: { SHORT: 'your-secret', LONG: randomBytes(32).toString('hex') },
  })
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
}
