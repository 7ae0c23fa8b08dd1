// The one HTTP client of token/ for issuers: bounded in time and size; it follows no redirect and decompresses nothing.
// Expected failures are values.
import { Agent, request } from 'undici'
import { trimSpace } from '../core/fields.ts'
import { ASK_PLAIN, CODED, isCoded, readUpTo } from '../core/plain-answer.ts'

export interface HttpQuestion {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly maxBytes: number
}

export interface HttpAnswer {
  readonly status: number
  /** Lower case, without parameters; empty when absent. */
  readonly mediaType: string
  /** Seconds; undefined when absent or a date. */
  readonly retryAfterSeconds: number | undefined
  readonly body: Uint8Array
}

export type HttpOutcome = { readonly ok: true; readonly answer: HttpAnswer } | NoHttpAnswer
/** `why` is fit for an operator: an error code or a plain sentence, never a URL or a secret. */
export type NoHttpAnswer = { readonly ok: false; readonly why: string }

export interface HttpClient {
  ask(question: HttpQuestion): Promise<HttpOutcome>
  close(): Promise<void>
}

/**
 * One connection for each question at one time (query-guard.ts), and two for metadata and keys, so no question waits for
 * one.
 */
const MAX_CONNECTIONS = 66
const MAX_HEADER_BYTES = 16_384

/**
 * @param timeoutMs for a whole exchange: connecting, headers and body
 * @param ca PEM of the certificate authorities to trust instead of the usual ones
 */
export function createHttpClient(timeoutMs: number, ca?: string): HttpClient {
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    pipelining: 1, // I38: a second answer that nobody asked for must not become the next caller's
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    ask: (question) => exchange(agent, question, timeoutMs),
    close: () => agent.destroy(),
  }
}

async function exchange(agent: Agent, question: HttpQuestion, timeoutMs: number): Promise<HttpOutcome> {
  try {
    const { statusCode, headers, body } = await request(question.url, {
      dispatcher: agent,
      method: question.method,
      headers: { ...question.headers, ...ASK_PLAIN },
      body: question.body ?? null,
      signal: AbortSignal.timeout(timeoutMs), // J53, I10: one byte per second must end too
    })
    if (isCoded(headers['content-encoding'])) {
      body.on('error', () => undefined).destroy()
      return { ok: false, why: CODED }
    }
    const chunks = await readUpTo(body, question.maxBytes)
    if (chunks === undefined)
      return { ok: false, why: `the answer is larger than ${question.maxBytes} bytes` }
    const answer: HttpAnswer = {
      status: statusCode,
      mediaType: trimSpace(single(headers['content-type']).split(';')[0] ?? '').toLowerCase(),
      retryAfterSeconds: seconds(single(headers['retry-after'])),
      body: Buffer.concat(chunks),
    }
    return { ok: true, answer }
  } catch (error) {
    return { ok: false, why: codeOf(error) }
  }
}

function single(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}

function seconds(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined
}

/** Codes only: messages of errors may quote what was sent (I39). */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed'
  if (error.name === 'TimeoutError') return 'no complete answer in time'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
