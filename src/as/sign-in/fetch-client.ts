// The line to an outside provider: bounded in time and size, and never redirected (an answer that leads elsewhere is
// an answer of somebody else). In the shape of `fetch`, which is what openid-client asks for.
import { Agent, type Dispatcher, request as send } from 'undici'
import { ASK_PLAIN, CODED, isCoded, readUpTo } from '../../core/plain-answer.ts'

const TIMEOUT_MS = 8_000
const MAX_ANSWER_BYTES = 512 * 1_024

export interface FetchRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface FetchClient {
  /** Rejects with NoAnswer; a redirect comes back as it is, and counts as no success. */
  ask(url: string, request: FetchRequest): Promise<Response>
  close(): Promise<void>
}

/** A TypeError, since openid-client lets these through as they are. Its message is fit for an operator (I39). */
export class NoAnswer extends TypeError {}

/** @param ca PEM of the certificate authorities to trust instead of the usual ones */
export function createFetchClient(ca?: string): FetchClient {
  const agent = new Agent({
    connect: { timeout: TIMEOUT_MS, ...(ca === undefined ? {} : { ca }) },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connections: 16,
    pipelining: 1,
  })
  return {
    async ask(url, request) {
      try {
        return await exchange(agent, url, request)
      } catch (error) {
        throw error instanceof NoAnswer ? error : new NoAnswer(codeOf(error))
      }
    },
    close: () => agent.destroy(),
  }
}

async function exchange(agent: Agent, url: string, request: FetchRequest): Promise<Response> {
  const { method = 'GET', headers, body } = request
  const answer = await send(url, {
    dispatcher: agent,
    method: method as Dispatcher.HttpMethod,
    headers: { ...headers, ...ASK_PLAIN },
    body: body === undefined || body === null ? null : String(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (isCoded(answer.headers['content-encoding'])) {
    answer.body.on('error', () => undefined).destroy()
    throw new NoAnswer(CODED)
  }
  const chunks = await readUpTo(answer.body, MAX_ANSWER_BYTES)
  if (chunks === undefined) throw new NoAnswer(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
  const bodiless = answer.statusCode === 204 || answer.statusCode === 304
  return new Response(bodiless ? null : Buffer.concat(chunks), {
    status: answer.statusCode,
    headers: pairsOf(answer.headers),
  })
}

function pairsOf(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  )
}

/** Codes only: messages of errors may quote what was sent. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed'
  if (error.name === 'TimeoutError') return 'no complete answer in time'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
