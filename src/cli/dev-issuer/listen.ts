// Puts the local development issuer on a loopback port. Refuses every other address: it approves everybody.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInProcessFetch } from '../../as/browser/in-process-fetch.ts'
import type { Address } from '../../core/settings.ts'
import { isLoopbackHost, unbracket } from '../../lib/loopback.ts'
import { createDevIssuer, type DevIssuerOptions } from './issuer.ts'
import { type DevServing, serveDevRequest } from './serve.ts'

export interface RunningDevIssuer {
  /** The issuer identifier, also where it is reached. */
  readonly issuer: string
  close(): Promise<void>
}

export type DevIssuerStart =
  | { readonly ok: true; readonly running: RunningDevIssuer }
  | { readonly ok: false; readonly message: string }

export interface ListeningOptions extends DevIssuerOptions {
  /** One line per answer, without query or body. */
  readonly log: (line: string) => void
}

export async function startDevIssuer(
  { host, port }: Address,
  options: ListeningOptions,
): Promise<DevIssuerStart> {
  if (!isLoopbackHost(host)) return { ok: false, message: `${host} is not a loopback address` }
  const made = Promise.withResolvers<DevServing>()
  const listener = createServer((request, response) => void answer(made.promise, request, response, options))
  listener.listen(port, unbracket(host))
  try {
    await once(listener, 'listening')
  } catch (error) {
    return { ok: false, message: `cannot listen on ${host}:${port} (${messageOf(error)})` }
  }
  const { origin: issuer } = new URL(`http://${host}:${(listener.address() as AddressInfo).port}`)
  const server = await createDevIssuer(issuer, options, (error) => options.log(messageOf(error)))
  const inProcess = createInProcessFetch(server.handle)
  made.resolve({ server, inProcess })
  return {
    ok: true,
    running: {
      issuer,
      async close() {
        listener.closeAllConnections()
        await new Promise((closed) => listener.close(closed))
        inProcess.close()
        await server.close()
      },
    },
  }
}

async function answer(
  made: Promise<DevServing>,
  request: IncomingMessage,
  response: ServerResponse,
  { log }: ListeningOptions,
): Promise<void> {
  const [path] = (request.url ?? '').split('?', 1)
  response.once('finish', () => log(`${request.method} ${path} ${response.statusCode}`))
  try {
    await serveDevRequest(await made, request, response)
  } catch (error) {
    log(messageOf(error))
    if (response.headersSent) response.destroy()
    else response.writeHead(500).end()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
