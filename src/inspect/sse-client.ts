// The small client of `inspect` over HTTP+SSE (2024-11-05): one stream carries every answer, and requests are posted to
// an endpoint. The endpoint of the server is accepted only with the stream's origin, since the credential is sent there
// too.
import { Agent, request as send } from 'undici'
import { inTime } from '../lib/in-time.ts'
import { type JsonMembers, membersOf, parseJson } from '../lib/json.ts'
import { ASK_PLAIN, CODED, isCoded } from '../lib/plain-answer.ts'
import { createEventReader } from '../lib/sse.ts'
import { type Client, type ConnectOptions, describedBy, LEGACY_CLIENT } from './client.ts'
import { type Found, found, missing } from './found.ts'
import { ANSWER_TIMEOUT_MS, MAX_ANSWER_BYTES } from './http.ts'
import { type RpcAnswer, readError, resultOf } from './rpc.ts'

const ACCEPTED = { status: 202, headers: new Map<string, string>(), text: '' }

export async function connectSse({ url, headers, ca }: ConnectOptions): Promise<Found<Client>> {
  const agent = new Agent({ connect: ca === undefined ? {} : { ca }, bodyTimeout: 0 })
  const stream = new AnswerStream()
  const opened = await open(agent, url, headers)
  if (!opened.ok) return await give(agent, opened)
  const reading = stream.read(opened.value)
  const endpoint = await inTime(ANSWER_TIMEOUT_MS, stream.endpoint)
  const target = endpoint === undefined ? null : URL.parse(endpoint, url)
  if (target === null) return await give(agent, missing('the stream names no endpoint'))
  if (target.origin !== new URL(url).origin) {
    return await give(agent, missing('the stream names an endpoint of another origin'))
  }
  const post = (message: JsonMembers) =>
    send(target, {
      dispatcher: agent,
      method: 'POST',
      headers: { ...headers, ...ASK_PLAIN, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    }).then(({ body }) => body.dump())
  let id = 0
  const request: Client['request'] = async (method, params) => {
    id += 1
    const answer = stream.answerTo(id)
    try {
      await post({ id, method, params })
    } catch {
      return missing(`${method} could not be sent`)
    }
    const message = await inTime(ANSWER_TIMEOUT_MS, answer)
    return message === undefined ? missing(`${method} was not answered`) : found(toAnswer(message))
  }
  const begun = resultOf('initialize', await request('initialize', LEGACY_CLIENT))
  if (!begun.ok) return await give(agent, begun)
  await post({ method: 'notifications/initialized' })
  return found({
    era: 'legacy',
    ...describedBy(begun.value),
    request,
    async close() {
      await agent.destroy()
      await reading
    },
  })
}

async function open(agent: Agent, url: string, headers: ConnectOptions['headers']) {
  try {
    const answer = await send(url, {
      dispatcher: agent,
      headers: { ...headers, ...ASK_PLAIN, accept: 'text/event-stream' },
      headersTimeout: ANSWER_TIMEOUT_MS,
    })
    const coded = isCoded(answer.headers['content-encoding'])
    if (answer.statusCode === 200 && !coded) return found(answer.body as AsyncIterable<Buffer>)
    await answer.body.dump()
    return missing(coded ? CODED : `the stream was answered with status ${answer.statusCode}`)
  } catch {
    return missing('the stream cannot be opened')
  }
}

async function give<T>(agent: Agent, why: T): Promise<T> {
  await agent.destroy()
  return why
}

function toAnswer(message: JsonMembers): RpcAnswer {
  return { http: ACCEPTED, result: membersOf(message['result']), error: readError(message['error']) }
}

/** Events as they come: the endpoint, then answers by their id. */
class AnswerStream {
  readonly #endpoint = Promise.withResolvers<string | undefined>()
  readonly #waiting = new Map<number, (message: JsonMembers | undefined) => void>()
  readonly endpoint = this.#endpoint.promise

  answerTo(id: number): Promise<JsonMembers | undefined> {
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  /** Resolves when the stream has ended, however it ended. */
  async read(body: AsyncIterable<Buffer>): Promise<void> {
    const decoder = new TextDecoder()
    const events = createEventReader(MAX_ANSWER_BYTES)
    try {
      for await (const chunk of body) {
        const ended = events.push(decoder.decode(chunk, { stream: true }))
        if (ended === undefined) break
        for (const data of ended) this.#take(data)
      }
    } catch {
      // A stream that breaks leaves nobody waiting, like one that ends.
    }
    this.#endpoint.resolve(undefined)
    for (const resolve of this.#waiting.values()) resolve(undefined)
  }

  #take(data: string): void {
    const message = membersOf(parseJson(data))
    if (message === undefined) {
      this.#endpoint.resolve(data)
      return
    }
    const id = message['id']
    if (typeof id !== 'number' || 'method' in message) return
    this.#waiting.get(id)?.(message)
    this.#waiting.delete(id)
  }
}
