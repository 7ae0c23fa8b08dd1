// One request to the development issuer: who may talk to it, what may be registered, the login that is approved at once;
// everything else is the embedded authorization server's.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallerFetch, InProcessFetch } from '../../as/browser/in-process-fetch.ts'
import type { AuthorizationServer } from '../../as/contract.ts'
import { answerOAuthError } from '../../as/engine/oauth-answers.ts'
import { readWhole } from '../../as/web/inner-request.ts'
import { PATHS } from '../../core/authorization-paths.ts'
import { membersOf, parseJson } from '../../lib/json.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'
import { isLoopbackRedirect } from './agreeing-person.ts'
import { followLogin } from './login.ts'

const MAX_BODY_BYTES = 64 * 1024

export interface DevServing {
  readonly server: AuthorizationServer
  /** To the same server. */
  readonly inProcess: InProcessFetch
}

export async function serveDevRequest(
  { server, inProcess }: DevServing,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = strangerFault(request)
  if (refusal !== undefined) return sayText(response, 403, refusal)
  const url = URL.parse(request.url ?? '', server.issuer)
  if (url?.origin !== server.issuer || !server.answers(url.pathname)) {
    return sayText(response, 404, 'nothing is served here')
  }
  const address = request.socket.remoteAddress ?? ''
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (url.pathname === PATHS.authorization && isRead) {
    return passOn(await followLogin(url, request.headers.accept, inProcess.forAddress(address)), response)
  }
  const isRegistration = `${url.pathname}/`.startsWith(`${PATHS.registration}/`)
  if (isRegistration && (request.method === 'POST' || request.method === 'PUT')) {
    return register(url, request, response, inProcess.forAddress(address))
  }
  await server.handle(request, response, address)
}

/** Every redirect address is on this machine; the server judges everything else. */
async function register(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  { ask }: CallerFetch,
): Promise<void> {
  const refuse = (status: number, error: string, description: string) =>
    answerOAuthError(response, { status, error, description })
  const body = await readWhole(request, MAX_BODY_BYTES)
  if (body === undefined) return refuse(413, 'invalid_request', 'the body is too large')
  const uris = membersOf(parseJson(body.toString()))?.['redirect_uris']
  const staysHere = (uri: unknown) => typeof uri === 'string' && isLoopbackRedirect(uri)
  if (Array.isArray(uris) && !uris.every(staysHere)) {
    return refuse(400, 'invalid_redirect_uri', 'this development issuer takes http on a loopback host only')
  }
  const { 'content-type': type, authorization } = request.headers
  const headers = { ...(type && { 'content-type': type }), ...(authorization && { authorization }) }
  await passOn(await ask(url.href, { method: request.method ?? 'POST', headers, body }), response)
}

// SECURITY: a page on another site must not use an issuer that approves everything. The Host check stops DNS
// rebinding; the Origin check stops cross-site requests (A52).
function strangerFault({ headers: { host, origin } }: IncomingMessage): string | undefined {
  if (!isLoopbackUrl(`http://${host ?? ''}`)) return 'loopback hosts only'
  return origin === undefined || isLoopbackUrl(origin) ? undefined : 'loopback origins only'
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && isLoopbackHost(url.hostname)
}

/** Header fields that concern only the connection inside the process, or the browser session that is thrown away. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
])

async function passOn(answer: Response, response: ServerResponse): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer())
  for (const [name, value] of answer.headers) if (!NOT_PASSED_ON.has(name)) response.setHeader(name, value)
  response.writeHead(answer.status, { 'content-length': body.length }).end(body)
}

function sayText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`${text}\n`)
}
