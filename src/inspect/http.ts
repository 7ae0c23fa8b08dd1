// One HTTP exchange of an operator's command: bounded in time and size, never redirected, since a redirect could carry
// a token to another origin. Knows no MCP.
import { Agent, type Dispatcher, request } from 'undici'
import { ASK_PLAIN, CODED, isCoded } from '../core/plain-answer.ts'
import { type Found, found, missing } from './found.ts'

export const ANSWER_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024

export interface ProbeRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Reading stops as soon as the text so far is enough; for streams that do not end by themselves. */
  readonly isEnough?: (text: string) => boolean
}

export interface ProbeAnswer {
  readonly status: number
  /** Names in lower case; several fields of one name are joined by a comma and a space. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

export interface ProbeClient {
  ask(url: string, asked: ProbeRequest): Promise<Found<ProbeAnswer>>
  close(): Promise<void>
}

/** What Node says of a certificate whose authority is not trusted. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
])

/** `ca`: PEM of the certificate authorities to trust instead of the usual ones. */
export function createProbeClient(ca: string | undefined): ProbeClient {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(ca === undefined ? {} : { ca }) },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  })
  return {
    ask: (url, asked) => ask(agent, url, asked),
    close: () => agent.destroy(),
  }
}

async function ask(agent: Agent, url: string, asked: ProbeRequest): Promise<Found<ProbeAnswer>> {
  const { method, headers, body, isEnough } = asked
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const answer = await request(url, {
      dispatcher: agent,
      method: method as Dispatcher.HttpMethod,
      headers: { accept: 'application/json, text/event-stream', ...headers, ...ASK_PLAIN },
      ...(body === undefined ? {} : { body }),
      signal,
    })
    if (isCoded(answer.headers['content-encoding'])) {
      answer.body.on('error', () => undefined).destroy()
      return missing(`${originOf(url)} cannot be read: ${CODED}`)
    }
    const text = await readText(answer.body, isEnough)
    if (text === undefined) return missing(`${originOf(url)} sent more than 16 MiB`)
    return found({ status: answer.statusCode, headers: fieldsOf(answer.headers), text })
  } catch (error) {
    const code = codeOf(error)
    const cure = UNTRUSTED.has(code) ? '; name its certificate authority: --ca, or `ca` of the upstream' : ''
    return missing(`${originOf(url)} cannot be asked: ${code}${cure}`)
  }
}

async function readText(
  body: AsyncIterable<Buffer>,
  isEnough: ((text: string) => boolean) | undefined,
): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_ANSWER_BYTES) return undefined
    if (isEnough?.(text)) break
  }
  return text
}

function fieldsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Map<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

/** The query of a URL may hold a key. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the address'
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
