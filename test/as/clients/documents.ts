// Metadata documents of clients (CIMD), on a host of this machine that the configuration names.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLoopbackCertificate } from '../../../src/cli/demo/loopback-certificate.ts'

export interface Documents {
  /** For `client_id_metadata`. */
  readonly setting: string
  /** Publishes one at the path; its URL is the client's id. */
  publish(path: string, document: Readonly<Record<string, unknown>>): string
  /** Any JSON at the path, as it is; gives its URL. */
  put(path: string, json: object): string
  close(): Promise<void>
}

export async function serveDocuments(): Promise<Documents> {
  const { cert, key } = makeLoopbackCertificate('documents')
  const published = new Map<string, string>()
  const server = createServer({ cert, key }, (request, response) => {
    const document = published.get(request.url ?? '')
    response
      .writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(document)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const ca = join(mkdtempSync(join(tmpdir(), 'portcullis-documents-')), 'ca.pem')
  writeFileSync(ca, cert)
  return {
    setting: `{ allow_private_hosts: ["${host}"], ca: "file:${ca}" }`,
    publish(path, document) {
      const id = `https://${host}${path}`
      published.set(path, JSON.stringify({ client_id: id, ...document }))
      return id
    },
    put(path, json) {
      published.set(path, JSON.stringify(json))
      return `https://${host}${path}`
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
