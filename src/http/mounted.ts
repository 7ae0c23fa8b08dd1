// What somebody else's server must hand over: the request as node read it, with its body unread, and a response that
// nobody has begun. A gateway that judged anything less would judge another request than the one that was sent.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Why a request cannot be served as it was handed over, for whoever mounts the gateway; undefined when it can. */
export function mountFault(request: IncomingMessage, response: ServerResponse): string | undefined {
  if (!hasRawHeaders(request)) return 'it needs requests of node:http over HTTP/1.1, with their rawHeaders'
  if (request.socket.remoteAddress === undefined && !request.socket.destroyed)
    return 'it needs the address of the client, which a Unix socket does not have'
  if (isRewritten(request))
    return 'it was mounted under a path; mount it at the root, since the paths of routes are whole'
  if (isRead(request)) return 'the body was read before; mount it before whatever parses bodies'
  return response.headersSent ? 'the response was begun before' : undefined
}

function hasRawHeaders({ httpVersionMajor, rawHeaders, headers, socket }: Partial<IncomingMessage>): boolean {
  if (httpVersionMajor !== 1 || !Array.isArray(rawHeaders) || headers === undefined) return false
  return socket !== undefined && (rawHeaders.length > 0 || Object.keys(headers).length === 0)
}

/** Express, Connect and their kind cut the path off that a handler is mounted under, and keep the whole beside it. */
export function isRewritten(request: IncomingMessage & { readonly originalUrl?: unknown }): boolean {
  return request.originalUrl !== undefined && request.originalUrl !== request.url
}

/** Somebody has read it, reads it now, or has it turned into text. */
function isRead(request: IncomingMessage): boolean {
  return request.readableDidRead || request.readableFlowing !== null || request.readableEncoding !== null
}
