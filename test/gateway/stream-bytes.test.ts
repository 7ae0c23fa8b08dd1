// A large stream arrives byte for byte, and no byte of another's: over TCP and TLS, with clients that read at once or
// slowly, and however the upstream cuts it. The gateway writes from buffers that it uses again.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { get as getTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCertificate } from '../support/certificate.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const EVENTS = 6_000
const MEAN_BYTES = 1_500

const folder = mkdtempSync(join(tmpdir(), 'portcullis-bytes-'))
let plain: TestGateway
let tls: TestGateway
beforeAll(async () => {
  const { cert, key } = createCertificate()
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  plain = await startTestGateway()
  const top = `tls: { cert: "file:${certFile}", key: "file:${keyFile}" }`
  tls = await startTestGateway({ top })
  for (const { upstream } of [plain, tls])
    upstream.respond = async ({ headers }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const piece of streamOf(`${headers['x-seed']}`)) {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve))
      }
      response.end()
    }
})
afterAll(async () => {
  await plain.close()
  await tls.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Numbered events of many sizes, in pieces that do not end where events do. */
function streamOf(seed: string): Buffer[] {
  const letter = seed.slice(-1)
  const events = Array.from({ length: EVENTS }, (_, n) => {
    const size = (n * 7_919) % (2 * MEAN_BYTES)
    return `event: message\ndata: {"jsonrpc":"2.0","method":"notifications/x","params":{"n":${n},"t":"${letter.repeat(size)}"}}\n\n`
  })
  const bytes = Buffer.from(events.join(''))
  const step = seed.startsWith('small') ? 997 : 100_003
  return Array.from({ length: Math.ceil(bytes.length / step) }, (_, n) =>
    bytes.subarray(n * step, (n + 1) * step),
  )
}

/** The digest of what a client reads; a slow one lets the kernel's buffers fill up again and again. */
function read(gateway: TestGateway, seed: string, isSlow: boolean): Promise<string> {
  const headers = { authorization: `Bearer ${gateway.token('a', { sub: seed })}`, 'x-seed': seed }
  const isTls = gateway === tls
  const url = isTls ? gateway.resource.replace('http:', 'https:') : gateway.resource
  const hash = createHash('sha256')
  let sinceRest = 0
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage) => {
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk)
        sinceRest += chunk.length
        if (!isSlow || sinceRest < 400_000) return
        sinceRest = 0
        response.pause()
        setTimeout(() => response.resume(), 10)
      })
      response.on('end', () => resolve(hash.digest('hex')))
    }
    const options = { headers, agent: false, rejectUnauthorized: false }
    const request = isTls ? getTls(url, options, onResponse) : get(url, options, onResponse)
    request.on('error', reject)
  })
}

/** Of a stream that only listens, which begins with a comment. */
function digestOf(seed: string): string {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.from(':\n\n'), ...streamOf(seed)]))
    .digest('hex')
}

describe.each([
  ['TCP', () => plain],
  ['TLS', () => tls],
])('over %s', (_, gateway) => {
  test('L92 four callers at one time, two of them slow, get their own bytes each', async () => {
    const readers = [
      ['large-a', false],
      ['large-b', true],
      ['small-c', false],
      ['small-d', true],
    ] as const
    const digests = await Promise.all(readers.map(([seed, isSlow]) => read(gateway(), seed, isSlow)))
    expect(digests).toEqual(readers.map(([seed]) => digestOf(seed)))
  }, 60_000)
})
