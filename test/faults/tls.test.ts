// F18, H48, H51, I31: the listener's certificate is replaced while it serves, or by something that is none; and an upstream
// whose certificate nobody vouches for.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
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

  test('H51 it speaks no HTTP/2, to a client that offers it and to one that begins with it', async () => {
    const pair = createCertificate()
    install(pair)
    gateway = await startTls()
    const { port } = new URL(gateway.running.origin)
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      ca: pair.cert,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    await once(socket, 'secureConnect')
    expect(socket.alpnProtocol).toBe('http/1.1')
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
    })
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')
    await once(socket, 'close')
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('plain http on it is not answered, and hurts nobody', async () => {
    const pair = createCertificate()
    install(pair)
    gateway = await startTls()
    await expect(fetch(gateway.running.origin.replace('https', 'http'))).rejects.toThrow()
    expect((await ask(pair.cert)).status).toBe(401)
  })
})

type Case = readonly [
  what: string,
  served: TestCertificate,
  trusted: TestCertificate | undefined,
  status: number,
  host: string,
]

describe('H48 I31 the upstream', () => {
  const HOUR_MS = 3_600_000
  const LOOPBACK = '127.0.0.1'
  const expired = { from: new Date(Date.now() - 2 * HOUR_MS), to: new Date(Date.now() - HOUR_MS) }
  const good = createCertificate()
  const old = createCertificate('old', expired)
  const cases: readonly Case[] = [
    ['vouched for by ca', good, good, 202, LOOPBACK],
    ['vouched for by nobody', good, undefined, 502, LOOPBACK],
    ['vouched for by another ca', good, createCertificate('other'), 502, LOOPBACK],
    ['expired', old, old, 502, LOOPBACK],
    ['of another host', good, good, 502, 'localhost'],
  ]
  test.each(cases)('%s', async (_, served, trusted, status, host) => {
    const server = createServer(served, (_request, response) => response.writeHead(202).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    if (trusted) writeFileSync(join(folder, 'ca.pem'), trusted.cert)
    gateway = await startTestGateway({
      auditRequired: true,
      upstreamUrl: `https://${host}:${port}/mcp`,
      ...(trusted ? { upstream: `ca: "file:${folder}/ca.pem",` } : {}),
    })
    const response = await gateway.post(toolCall('safe'))
    server.closeAllConnections()
    server.close()
    expect(response.status).toBe(status)
    if (status !== 502) return
    expect(await response.text()).not.toMatch(/certificate|localhost|127\.0\.0\.1|[A-Z]+_[A-Z]+/)
    expect(gateway.audit().at(-1)?.['detail']).toMatch(/CERT/)
  })
})
