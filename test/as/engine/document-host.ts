// A host over https that publishes metadata documents of clients, and notes what it was asked.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificate } from '../../support/certificate.ts'

export interface DocumentHost {
  /** With its port. */
  readonly host: string
  /** PEM of the authority that vouches for it, and the file of it. */
  readonly cert: string
  readonly ca: string
  /** Paths, in order. */
  readonly asked: string[]
  /** Names that TLS asked for (SNI). */
  readonly names: string[]
  /** How it answers. */
  respond: (request: IncomingMessage, response: ServerResponse) => void
  /** A client id of its own that was never used. */
  newId(): string
  close(): Promise<void>
}

export async function startDocumentHost(): Promise<DocumentHost> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-cimd-'))
  const { cert, key } = createCertificate()
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, cert)
  const names: string[] = []
  const server = https.createServer({ cert, key, SNICallback: noteName(names) }, (request, response) => {
    made.asked.push(request.url ?? '')
    made.respond(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  let count = 0
  const made: DocumentHost = {
    host,
    cert,
    ca,
    asked: [],
    names,
    respond: (_request, response) => response.writeHead(404).end(),
    newId() {
      count += 1
      return `https://${host}/client-${count}`
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return made
}

/** `registration.client_id_metadata` of a server that fetches from this host, although its address is private. */
export function trusting({ host, ca }: DocumentHost) {
  return { enabled: true, allowPrivateHosts: [host], ca }
}

function noteName(names: string[]): https.ServerOptions['SNICallback'] {
  return (name, done) => {
    names.push(name)
    done(null)
  }
}

/** Of a client like Claude Code; `undefined` leaves a member out. */
export function documentOf(id: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    client_id: id,
    client_name: 'A program',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    ...changes,
  }
}

export function sendDocument(
  response: ServerResponse,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(typeof value === 'string' ? value : JSON.stringify(value))
}
