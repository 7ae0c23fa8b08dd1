// The parts that a program may bring, over a socket: a verifier, a logger and an audit sink; and what each of them may do
// wrong without harm to a request or to the process.
import { expect, onTestFinished, test, vi } from 'vitest'
import type { AuditSink, Logger, Verifier } from '../../src/library.ts'
import { startGateway } from '../../src/library.ts'
import { toolCall } from '../support/gateway.ts'
import { plainly, startHost, type TestHost } from './host.ts'

const CUSTOM = '    verifier: custom\n    timeout: 200ms'

/** Whose token is the word `good`, on the route of the test. */
function verifierFor(origin: () => string): Verifier {
  return {
    verifyAccessToken: async (token) =>
      token === 'good'
        ? {
            ...{ subject: 'ada', clientId: 'desk', audience: `${origin()}/mcp/a`, scopes: ['a'] },
            expiresAt: Math.floor(Date.now() / 1000) + 60,
          }
        : undefined,
  }
}

function startCustom(verifier: Verifier): Promise<TestHost> {
  return startHost(plainly, { verifiers: { as1: verifier }, yaml: { issuer: CUSTOM } })
}

const call = ({ post }: TestHost, token: string) =>
  post(toolCall('safe'), { authorization: `Bearer ${token}` })

test('a verifier of the program says who calls', async () => {
  let origin = ''
  const host = await startCustom(verifierFor(() => origin))
  origin = host.origin
  expect((await call(host, 'good')).status).toBe(200)
  expect(host.upstream.received[0]?.headers).toMatchObject({
    ...{ 'x-mcp-subject': 'ada', 'x-mcp-client-id': 'desk', 'x-mcp-issuer': host.issuer.url },
  })
  const bad = await call(host, 'bad')
  expect([bad.status, bad.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringContaining('error="invalid_token"'),
  ])
})

const silent = new Promise<never>(() => {})
const failures: readonly (readonly [string, () => unknown])[] = [
  ['throws', () => expect.fail('the token was good')],
  ['rejects', () => Promise.reject(new Error('the token was good'))],
  ['hangs', () => silent],
  ['answers true', async () => true],
  ['answers a misspelt member', async () => ({ subject: 'ada', scope: 'admin' })],
]
const cases = failures.map(([name, verify]) => ({ name, verify }))
test.each(cases)(
  'a verifier that $name is a 503 with Retry-After, never a 401 or a way in',
  async ({ verify }) => {
    const host = await startCustom({ verifyAccessToken: verify } as Verifier)
    const answer = await call(host, 'good')
    expect([answer.status, Number(answer.headers.get('retry-after'))]).toEqual([503, expect.any(Number)])
    expect(await answer.text()).not.toContain('good')
    await host.handler.close(0)
    expect(host.audit).toMatchObject([{ decision: 'refused', reason: 'issuer_unreachable' }])
    expect(JSON.stringify(host.audit)).not.toContain('the token was good')
    expect(host.upstream.received).toEqual([])
  },
)

test('a verifier for an issuer that would never ask it is refused at once', async () => {
  const verifiers = { as1: verifierFor(() => '') }
  await expect(startHost(plainly, { verifiers })).rejects.toThrow('verifiers.as1: no issuer of that name')
})

test('startGateway takes the same parts', async () => {
  const host = await startHost(plainly)
  const lines: string[] = []
  const close = vi.fn()
  const settings = host.settings({ origin: 'http://127.0.0.1:0', issuer: CUSTOM, publicUrl: host.origin })
  const gateway = await startGateway({
    settings,
    ...{ log: QUIET, verifiers: { as1: verifierFor(() => host.origin) } },
    auditSink: { write: (line) => void lines.push(line), close },
  })
  const answer = await fetch(`${gateway.origin}/mcp/a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer good' },
    body: JSON.stringify(toolCall('safe')),
  })
  await gateway.close(100)
  expect(answer.status).toBe(200)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ subject: 'ada', decision: 'allowed' }])
  expect(close).toHaveBeenCalledTimes(1)
})

const QUIET: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Fails the test for a rejection that nobody handles. */
function watchRejections(): () => void {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  return () => expect(unhandled).not.toHaveBeenCalled()
}

const fail = () => {
  throw new Error('no')
}
const reject = () => Promise.reject(new Error('no'))

test.each([
  { how: 'throws', broken: fail },
  { how: 'rejects', broken: reject },
])('a logger that $how harms nothing', async ({ broken }) => {
  const none = watchRejections()
  const log: Logger = { debug: broken, info: broken, warn: broken, error: broken }
  const { handler, settings, post } = await startHost(plainly, { log })
  await handler.reload(settings())
  expect((await post(toolCall('safe'))).status).toBe(200)
  none()
})

test.each([
  { how: 'throws', sink: { write: fail } as AuditSink, failures: 1 },
  { how: 'rejects', sink: { write: reject } as AuditSink, failures: 1 },
])('an audit sink that $how is counted, and calls go on', async ({ sink, failures: expected }) => {
  const none = watchRejections()
  const { handler, post } = await startHost(plainly, { auditSink: sink })
  expect((await post(toolCall('safe'))).status).toBe(200)
  await expect.poll(() => handler.readiness().audit.failures).toBe(expected)
  none()
})

test('an audit that is required and throws stops the call', async () => {
  const { post, upstream } = await startHost(plainly, {
    ...{ auditSink: { write: fail }, yaml: { auditRequired: true } },
  })
  const answer = await post(toolCall('safe'))
  expect(answer.status).toBe(503)
  expect(upstream.received).toEqual([])
})

test('an audit sink that never closes keeps nobody waiting for long', async () => {
  const { handler } = await startHost(plainly, { auditSink: { write() {}, close: () => silent } })
  await handler.close(0)
})
