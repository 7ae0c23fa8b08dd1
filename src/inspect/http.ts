// One HTTP exchange of an operator's command: bounded in time and size, never redirected, since a redirect could carry
// a token to another origin. Knows no MCP.
import {
  createHttpClient,
  type HttpClient,
  type HttpHead,
  type HttpRequest,
  type NoHttpAnswer,
} from '../lib/bounded-http.ts'
import { type Found, found, missing } from './found.ts'

export const ANSWER_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024

export interface ProbeRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Sees the text as it comes; reading stops as soon as it is enough, for streams that do not end by themselves. */
  readonly isEnough?: (piece: string) => boolean
}

export interface ProbeAnswer extends Pick<HttpHead, 'status' | 'headers'> {
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
  const http = createHttpClient({
    timeoutMs: ANSWER_TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ca,
  })
  return {
    ask: (url, asked) => ask(http, url, asked),
    close: http.close,
  }
}

async function ask(http: HttpClient, url: string, asked: ProbeRequest): Promise<Found<ProbeAnswer>> {
  const { method, headers, body, isEnough } = asked
  const decoder = new TextDecoder()
  let text = ''
  const outcome = await http.ask({
    url,
    method: method as HttpRequest['method'],
    headers: { accept: 'application/json, text/event-stream', ...headers },
    body,
    maxBytes: MAX_ANSWER_BYTES,
    isEnough(bytes) {
      const piece = decoder.decode(bytes, { stream: true })
      text += piece
      return isEnough?.(piece) === true
    },
  })
  if (!outcome.ok) return missing(`${originOf(url)} ${problemOf(outcome)}`)
  const { status, headers: fields } = outcome.answer
  return found({ status, headers: fields, text })
}

function problemOf({ kind, why }: NoHttpAnswer): string {
  if (kind === 'coded') return `cannot be read: ${why}`
  if (kind === 'large') return 'sent more than 16 MiB'
  if (kind === 'late') return `cannot be asked: no answer within ${ANSWER_TIMEOUT_MS / 1000} s`
  const cure = UNTRUSTED.has(why) ? '; name its certificate authority: --ca, or `ca` of the upstream' : ''
  return `cannot be asked: ${why}${cure}`
}

/** The query of a URL may hold a key. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the address'
}
