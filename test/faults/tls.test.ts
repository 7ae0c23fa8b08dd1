// F18, I31: the listener's certificate is replaced while it serves, or by something that is none; and an upstream
// whose certificate nobody vouches for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createCertificate, type TestCertificate } from '../support/certificate.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-tls-'))
})
afterEach(() => gateway.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function install({ cert, key }: Pick<TestCertificate, 'cert' | 'key'>) {
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
}

/** A request on a connection of its own: the status, and who answered. */
function ask(ca: string): Promise<{ status: number; fingerprint: string }> {
  const { port } = new URL(gateway.running.origin)
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/mcp/a', method: 'POST', ca, agent: false })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const fingerprint = (response.socket as TLSSocket).getPeerCertificate().fingerprint256
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, fingerprint }))
    })
    sent.end()
  })
}

function startTls() {
  return startTestGateway({ top: `tls: { cert: "file:${folder}/cert.pem", key: "file:${folder}/key.pem" }` })
}

describe('F18 the listener', () => {
  test('a new pair is used from the next connection on; a broken or foreign one is not', async () => {
    const [first, second] = [createCertificate('first'), createCertificate('second')]
    install(first)
    gateway = await startTls()
    expect(await ask(first.cert)).toEqual({ status: 401, fingerprint: first.fingerprint256 })

    install({ cert: second.cert, key: first.key })
    expect(() => gateway.running.reloadTls()).toThrow()
    install({ cert: second.cert.slice(0, 200), key: second.key })
    expect(() => gateway.running.reloadTls()).toThrow()
    expect(await ask(first.cert)).toEqual({ status: 401, fingerprint: first.fingerprint256 })

    install(second)
    gateway.running.reloadTls()
    expect(await ask(second.cert)).toEqual({ status: 401, fingerprint: second.fingerprint256 })
  })

  test('plain http on it is not answered, and hurts nobody', async () => {
    const pair = createCertificate()
    install(pair)
    gateway = await startTls()
    await expect(fetch(gateway.running.origin.replace('https', 'http'))).rejects.toThrow()
    expect((await ask(pair.cert)).status).toBe(401)
  })
})

describe('I31 the upstream', () => {
  const HOUR_MS = 3_600_000
  const expired = { from: new Date(Date.now() - 2 * HOUR_MS), to: new Date(Date.now() - HOUR_MS) }
  const good = createCertificate()
  const cases: readonly (readonly [string, TestCertificate, TestCertificate | undefined, number])[] = [
    ['vouched for by ca', good, good, 202],
    ['vouched for by nobody', good, undefined, 502],
    ['vouched for by another ca', good, createCertificate('other'), 502],
  ]
  const old = createCertificate('old', expired)
  test.each([...cases, ['expired', old, old, 502] as const])('%s', async (_, served, trusted, status) => {
    const server = createServer(served, (_request, response) => response.writeHead(202).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    if (trusted) writeFileSync(join(folder, 'ca.pem'), trusted.cert)
    gateway = await startTestGateway({
      upstreamUrl: `https://127.0.0.1:${port}/mcp`,
      ...(trusted ? { upstream: `ca: "file:${folder}/ca.pem",` } : {}),
    })
    const response = await gateway.post(toolCall('safe'))
    server.closeAllConnections()
    server.close()
    expect(response.status).toBe(status)
  })
})
