// The one HTTP client for what is asked of issuers, providers, verifiers and strangers: bounded in time and size; it
// follows no redirect and decompresses nothing. Expected failures are values. Calls go to their server by upstream/.
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request as send } from 'undici'
import { trimSpace } from '../core/fields.ts'
import { ASK_PLAIN, CODED, isCoded, readUpTo } from './plain-answer.ts'

export interface HttpBounds {
  /** For a whole exchange: connecting, headers and body. */
  readonly timeoutMs: number
  /** As much as the whole exchange when absent. */
  readonly connectTimeoutMs?: number
  /** To one origin at one time; without a limit when absent. */
  readonly connections?: number
  /** Each exchange has a connection of its own, so that `lookup` is asked for each. */
  readonly isUnshared?: boolean
  readonly lookup?: LookupFunction
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca?: string | undefined
}

export interface HttpRequest {
  readonly url: string
  readonly method: Dispatcher.HttpMethod
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly maxBytes: number
  /** Asked before the body is read: why it shall not be. */
  readonly fault?: (head: HttpHead) => string | undefined
  /** Asked for each piece of the body: whether no more is needed. */
  readonly isEnough?: ((piece: Uint8Array) => boolean) | undefined
}

export interface HttpHead {
  readonly status: number
  /** Names in lower case; several fields of one name are joined by a comma and a space. */
  readonly headers: ReadonlyMap<string, string>
  /** Lower case, without parameters; empty when absent. */
  readonly mediaType: string
  /** Seconds; undefined when absent or a date. */
  readonly retryAfterSeconds: number | undefined
}

export interface HttpAnswer extends HttpHead {
  readonly body: Buffer
}

export interface NoHttpAnswer {
  readonly ok: false
  readonly kind: 'refused' | 'coded' | 'large' | 'late' | 'failed'
  /** Fit for an operator: an error code or a plain sentence, never a URL or a secret. */
  readonly why: string
  /** What was thrown. Its message may quote what was sent (I39). */
  readonly cause?: unknown
}

export type HttpOutcome = { readonly ok: true; readonly answer: HttpAnswer } | NoHttpAnswer

export interface HttpClient {
  ask(request: HttpRequest): Promise<HttpOutcome>
  /** What is under way fails. */
  close(): Promise<void>
}

const MAX_HEADER_BYTES = 16_384

export function createHttpClient(bounds: HttpBounds): HttpClient {
  const { timeoutMs, connectTimeoutMs = timeoutMs, connections = null, isUnshared, lookup, ca } = bounds
  const agent = new Agent({
    connections,
    pipelining: isUnshared === true ? 0 : 1, // I38: an answer that nobody asked for must not become the next caller's
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: {
      timeout: connectTimeoutMs,
      ...(ca === undefined ? {} : { ca }),
      ...(lookup === undefined ? {} : { lookup }),
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    ask: (request) => exchange(agent, request, timeoutMs),
    close: () => agent.destroy(),
  }
}

async function exchange(agent: Agent, request: HttpRequest, timeoutMs: number): Promise<HttpOutcome> {
  try {
    const { statusCode, headers, body } = await send(request.url, {
      dispatcher: agent,
      method: request.method,
      headers: { ...request.headers, ...ASK_PLAIN },
      body: request.body ?? null,
      signal: AbortSignal.timeout(timeoutMs), // J53, I10: one byte per second must end too
    })
    const head = headOf(statusCode, headers)
    const unread = unreadable(head, request)
    if (unread !== undefined) {
      body.on('error', () => undefined).destroy() // what is left of it does not matter
      return unread
    }
    const pieces = await readUpTo(body, request.maxBytes, request.isEnough)
    return pieces === undefined
      ? { ok: false, kind: 'large', why: `the answer is larger than ${request.maxBytes} bytes` }
      : { ok: true, answer: { ...head, body: Buffer.concat(pieces) } }
  } catch (cause) {
    return { ok: false, ...reasonOf(cause), cause }
  }
}

function unreadable(head: HttpHead, { fault }: HttpRequest): NoHttpAnswer | undefined {
  if (isCoded(head.headers.get('content-encoding'))) return { ok: false, kind: 'coded', why: CODED }
  const why = fault?.(head)
  return why === undefined ? undefined : { ok: false, kind: 'refused', why }
}

function headOf(status: number, fields: Readonly<Record<string, string | string[] | undefined>>): HttpHead {
  const headers = new Map(
    Object.entries(fields).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
  const retryAfter = headers.get('retry-after') ?? ''
  return {
    status,
    headers,
    mediaType: trimSpace(headers.get('content-type')?.split(';')[0] ?? '').toLowerCase(),
    retryAfterSeconds: /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
  }
}

/** Codes only: messages of errors may quote what was sent (I39). */
function reasonOf(error: unknown): Pick<NoHttpAnswer, 'kind' | 'why'> {
  if (!(error instanceof Error)) return { kind: 'failed', why: 'the request failed' }
  if (error.name === 'TimeoutError') return { kind: 'late', why: 'no complete answer in time' }
  return { kind: 'failed', why: 'code' in error && typeof error.code === 'string' ? error.code : error.name }
}
