// A verifier service of an operator's own, over a real socket: it records what it is asked and answers as a test says.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface TestHttpJudge {
  readonly url: string
  readonly asked: { readonly headers: IncomingMessage['headers']; readonly body: unknown }[]
  /** What is answered with status 200. */
  answer: unknown
  /** How a request is answered instead. */
  respond: ((response: ServerResponse) => unknown) | undefined
  close(): Promise<void>
}

export async function startHttpJudge(answer: unknown): Promise<TestHttpJudge> {
  const server = createServer(async (request, response) => {
    judge.asked.push({ headers: request.headers, body: JSON.parse(await text(request)) })
    if (judge.respond !== undefined) return judge.respond(response)
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(judge.answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const judge: TestHttpJudge = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`,
    asked: [],
    answer,
    respond: undefined,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return judge
}
