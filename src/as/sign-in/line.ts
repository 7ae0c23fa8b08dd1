// The line to an outside provider: bounded in time and size, and never redirected (an answer that leads elsewhere is
// an answer of somebody else). In the shape of `fetch`, which is what openid-client asks for.
import { Agent, fetch } from 'undici'

const TIMEOUT_MS = 8_000
const MAX_ANSWER_BYTES = 512 * 1_024

export interface LineRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Line {
  /** Rejects when there is no answer in time; a redirect comes back as it is, and counts as no success. */
  ask(url: string, request: LineRequest): Promise<Response>
  close(): Promise<void>
}

export function createLine(): Line {
  const agent = new Agent({
    connect: { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    connections: 16,
  })
  return {
    async ask(url, { method = 'GET', headers = {}, body }) {
      const answer = await fetch(url, {
        method,
        headers,
        body: body as string | null,
        redirect: 'manual',
        dispatcher: agent,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const text = await answer.text()
      const bodiless = answer.status === 204 || answer.status === 304
      return new Response(bodiless ? null : text, { status: answer.status, headers: [...answer.headers] })
    },
    close: () => agent.close(),
  }
}
