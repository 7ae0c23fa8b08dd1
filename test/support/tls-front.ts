// TLS of a private authority in front of a plain server of a test: it ends TLS and passes the bytes on.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { createCertificate } from './certificate.ts'

export interface TlsFront {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string
  /** Path of the authority's PEM. */
  readonly ca: string
  close(): Promise<void>
}

/** @param url of the plain server */
export async function startTlsFront(url: string): Promise<TlsFront> {
  const { cert, key } = createCertificate('private authority')
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-tls-'))
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, cert)
  const port = Number(new URL(url).port)
  const server = createServer({ cert, key }, (socket) => {
    const behind = connect(port, '127.0.0.1')
    socket.on('error', () => behind.destroy()).on('close', () => behind.destroy())
    behind.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.pipe(behind).pipe(socket)
  })
  // A peer that does not trust the certificate ends the handshake.
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca,
    async close() {
      rmSync(folder, { recursive: true, force: true })
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
