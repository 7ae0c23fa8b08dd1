// When introspection does not answer properly: 503 and never 401, nothing kept, nothing leaked (I06 to I12, I32,
// I38 to I40).
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { IntrospectionSettings } from '../../src/core/settings.ts'
import { type Fault, startIssuer } from '../support/issuer.ts'
import { goodClaims, introspectionSettings, openScene, outcome, type Scene } from '../token/scene.ts'

const TOKEN = 'opaque-token-that-must-not-leak'

async function open(over: Partial<IntrospectionSettings> = {}): Promise<Scene> {
  const introspection = introspectionSettings(over)
  const scene = await openScene({ settings: { validation: 'introspection', introspection }, timeoutMs: 150 })
  scene.as.introspect = () => ({ active: true, ...goodClaims(scene.as.url) })
  return scene
}

const answer = (body: string | Buffer, over: object = {}): Fault => ({ status: 200, body, ...over })
const type = (mediaType: string) => ({ headers: { 'content-type': mediaType } })

const FAULTS: readonly (readonly [id: string, fault: Fault])[] = [
  ['I06 active twice', answer('{"active":false,"active":true}')],
  ['I06 BOM', answer('\ufeff{"active":true}')],
  ['I06 UTF-16', answer(Buffer.from('{"active":true}', 'utf16le'))],
  ['I06 trailing bytes', answer('{"active":true} x')],
  ['I06 an array', answer('[{"active":true}]')],
  ['I06 two objects', answer('{"active":true}{"active":true}')],
  ['I07 HTML', 'html'],
  ['I07 JSON called HTML', answer('{"active":true}', type('text/html'))],
  ['I07 JSON called text', answer('{"active":true}', type('text/plain'))],
  ['I07 204', { status: 204 }],
  ['I07 an empty body', answer('')],
  ['I07 206', { status: 206, body: '{"active":true}' }],
  ['I08 401', { status: 401 }],
  ['I08 403', { status: 403 }],
  ['I10 too large', 'huge'],
  ['I10 compressed', answer(Buffer.alloc(32), { headers: { 'content-encoding': 'gzip' } })],
  ['I10 one byte at a time', 'drip'],
  ['I11 reset', 'reset'],
  ['I11 hang', 'hang'],
  ['I11 truncated', 'truncated'],
  ['I12 429', { status: 429 }],
  ['I12 500', { status: 500, body: '{"active":true}' }],
  ['I32 a signed answer', answer('a.b.c', type('application/token-introspection+jwt'))],
  ['I40 404', { status: 404, body: '{"active":true}' }],
  ['I39 the token in an error body', { status: 400, body: `{"error":"${TOKEN}"}` }],
]

test.each(FAULTS)('%s is a 503 that is not kept', async (_id, fault) => {
  const scene = await open()
  scene.as.faults.introspection = fault
  const result = await scene.verify(TOKEN)
  expect(!result.ok && result.refusal).toMatchObject({
    reason: 'issuer_unreachable',
    retryAfterSeconds: expect.any(Number),
  })
  expect(JSON.stringify([result, scene.issuer.status()])).not.toMatch(/opaque-token|s3cret/) // I39
  expect(scene.issuer.status()).toMatchObject({ ready: true, lastError: expect.any(String) })
  delete scene.as.faults.introspection
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
  expect(scene.issuer.status()).toMatchObject({ ready: true, lastError: undefined })
})

test('I40 an empty object is no yes', async () => {
  const scene = await open()
  scene.as.introspect = () => ({})
  expect(outcome(await scene.verify(TOKEN))).toBe('inactive')
})

test('I09 a redirect is not followed, and its target sees no credentials', async () => {
  const scene = await open()
  const canary = await startIssuer()
  onTestFinished(() => canary.close())
  for (const status of [301, 302, 303, 307, 308]) {
    scene.as.faults.introspection = { status, headers: { location: `${canary.url}/introspect` } }
    expect(outcome(await scene.verify(`${TOKEN}-${status}`))).toBe('issuer_unreachable')
  }
  expect(canary.requests.introspection).toBe(0)
})

test.each([
  ['I11 refused', 'http://127.0.0.1:1/introspect'],
  ['I11 no such name', 'https://nowhere.invalid/introspect'],
  ['I30 plain http to another machine', 'http://192.0.2.1/introspect'],
  ['I30 credentials in the URL', 'https://user:pass@127.0.0.1:1/introspect'],
])('%s', async (_id, endpoint) => {
  const scene = await open({ endpoint })
  expect(outcome(await scene.verify(TOKEN))).toBe('issuer_unreachable')
})

test('I31 a peer that does not speak TLS', async () => {
  const plain = createServer((socket) => socket.on('error', () => undefined).end('not TLS'))
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void plain.close())
  const { port } = plain.address() as { port: number }
  const scene = await open({ endpoint: `https://127.0.0.1:${port}/introspect` })
  expect(outcome(await scene.verify(TOKEN))).toBe('issuer_unreachable')
})

test('I12 Retry-After is passed on and kept to, then one question probes', async () => {
  const scene = await open()
  scene.as.faults.introspection = { status: 429, headers: { 'retry-after': '7' } }
  const first = await scene.verify(TOKEN)
  expect(!first.ok && first.refusal).toMatchObject({ retryAfterSeconds: 7 })
  delete scene.as.faults.introspection
  scene.clock.pass(6000)
  const early = await scene.verify(TOKEN)
  expect(!early.ok && early.refusal).toMatchObject({ retryAfterSeconds: 1 })
  expect(scene.as.requests.introspection).toBe(1)
  scene.clock.pass(1000)
  const later = await Promise.all(['x', 'y', 'z'].map((token) => scene.verify(token)))
  expect(later.map(outcome).sort()).toEqual(['issuer_unreachable', 'issuer_unreachable', 'ok'])
  expect(scene.as.requests.introspection).toBe(2)
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
})

test('D72 tokens of one network that break their question suspend nobody else, and a second network that fails does', async () => {
  const scene = await open()
  scene.as.faults.introspection = (form) =>
    form.get('token')?.startsWith('breaks') ? { status: 500 } : undefined
  const from = async (address: string, token: string) => outcome(await scene.verify(token, { address }))
  for (let n = 0; n < 9; n += 1) expect(await from('192.0.2.1', `breaks-${n}`)).toBe('issuer_unreachable')
  expect(scene.as.requests.introspection).toBe(5)
  expect([await from('198.51.100.1', 'good-1'), await from('192.0.2.1', 'good-2')]).toEqual(['ok', 'ok'])
  for (let n = 0; n < 5; n += 1) await from('192.0.2.1', `breaks-${n}`)
  await from('198.51.100.1', 'breaks-9')
  expect(await from('203.0.113.1', 'good-3')).toBe('issuer_unreachable')
})

test('a source that keeps failing is left alone for a moment', async () => {
  const scene = await open()
  scene.as.faults.introspection = { status: 500 }
  for (let i = 0; i < 20; i += 1) await scene.verify(`${TOKEN}-${i}`)
  expect(scene.as.requests.introspection).toBe(5)
  expect(scene.issuer.status().ready).toBe(false)
  delete scene.as.faults.introspection
  scene.clock.pass(2000)
  expect(scene.issuer.status().ready).toBe(true)
  expect(outcome(await scene.verify(TOKEN))).toBe('ok')
})

test('I08 the next secret is tried once when the first is refused, and kept', async () => {
  const scene = await open({ clientSecretNext: new Secret('n3xt') })
  const passwords = () =>
    scene.as.asked.map(({ headers }) =>
      Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString(),
    )
  scene.as.faults.introspection = { status: 401 }
  expect(outcome(await scene.verify('one'))).toBe('issuer_unreachable')
  expect(passwords()).toEqual(['portcullis:s3cret', 'portcullis:n3xt'])
})

test('I38 an unasked second answer is not taken for the next question', async () => {
  const answers = [JSON.stringify({ active: false }), JSON.stringify({ active: true })]
  const http = (body: string) =>
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(answers.map(http).join('')))
    socket.on('data', () => socket.write(http(answers[0] as string)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const scene = await open({
    endpoint: `http://127.0.0.1:${port}/introspect`,
    audience: 'implied_by_endpoint',
  })
  for (const token of ['one', 'two', 'three']) expect(outcome(await scene.verify(token))).not.toBe('ok')
})
