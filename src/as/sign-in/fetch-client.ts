// How outside providers are asked: the bounded client in the shape of `fetch`, which is what openid-client asks for. An
// answer that leads elsewhere is an answer of somebody else, so it counts as no success.
import { createHttpClient, type HttpAnswer, type HttpRequest } from '../../lib/bounded-http.ts'

const TIMEOUT_MS = 8_000
const MAX_ANSWER_BYTES = 512 * 1_024
const MAX_CONNECTIONS = 16

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
  const http = createHttpClient({ timeoutMs: TIMEOUT_MS, connections: MAX_CONNECTIONS, ca })
  return {
    async ask(url, { method = 'GET', headers = {}, body }) {
      const outcome = await http.ask({
        url,
        method: method as HttpRequest['method'],
        headers,
        body: body === undefined || body === null ? undefined : String(body),
        maxBytes: MAX_ANSWER_BYTES,
      })
      if (!outcome.ok) throw new NoAnswer(outcome.why)
      return toResponse(outcome.answer)
    },
    close: http.close,
  }
}

/** Only a status or a field that HTTP does not have makes it throw. */
function toResponse({ status, headers, body }: HttpAnswer): Response {
  const isBodiless = status === 204 || status === 304
  try {
    return new Response(isBodiless ? null : body, { status, headers: [...headers] })
  } catch (error) {
    throw new NoAnswer(error instanceof Error ? error.name : 'the request failed')
  }
}
