// One JSON-RPC request over Streamable HTTP: what is sent, and the answer found in JSON or in a stream of events. Does
// not know which methods there are.

import { type JsonMembers, membersOf, parseJson } from '../lib/json.ts'
import { createEventReader } from '../lib/sse.ts'
import { type Found, found, missing } from './found.ts'
import { MAX_ANSWER_BYTES, type ProbeAnswer, type ProbeClient } from './http.ts'

/** A JSON-RPC error. `data` is left out: it is the server's own. */
export interface RpcError {
  readonly code: number
  readonly message: string
}

/** The HTTP answer, and what it says in JSON-RPC when it says anything. */
export interface RpcAnswer {
  readonly http: ProbeAnswer
  readonly result: JsonMembers | undefined
  readonly error: RpcError | undefined
}

export interface RpcRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Absent: a notification. */
  readonly id?: number
  readonly method: string
  readonly params?: JsonMembers
}

export async function sendRpc(http: ProbeClient, request: RpcRequest): Promise<Found<RpcAnswer>> {
  const { url, headers, id, method, params } = request
  const body = JSON.stringify({ jsonrpc: '2.0', ...(id === undefined ? {} : { id }), method, params })
  const events = createEventReader(MAX_ANSWER_BYTES)
  let streamed: JsonMembers | undefined
  const answer = await http.ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    isEnough(piece) {
      streamed ??= answerIn(events.push(piece) ?? [], id)
      return streamed !== undefined
    },
  })
  if (!answer.ok) return answer
  const isEvents = answer.value.headers.get('content-type')?.startsWith('text/event-stream') === true
  const message = isEvents ? streamed : answerIn([answer.value.text], id)
  return found({
    http: answer.value,
    result: membersOf(message?.['result']),
    error: readError(message?.['error']),
  })
}

/** The result, or why there is none, in words that name the method. */
export function resultOf(method: string, answer: Found<RpcAnswer>): Found<JsonMembers> {
  if (!answer.ok) return answer
  const { http, result, error } = answer.value
  if (result !== undefined) return found(result)
  if (error !== undefined)
    return missing(`${method} was answered with the error ${error.code}: ${error.message}`)
  if (http.status === 401) return missing(`${method} needs a credential (401)`)
  if (http.status === 404)
    return missing(`${method} was answered with 404: is the path of the URL right? Often it is /mcp`)
  return missing(`${method} was answered with status ${http.status} and no JSON-RPC result`)
}

/** @param id of the request; a notification has none, and no answer */
function answerIn(documents: readonly string[], id: number | undefined): JsonMembers | undefined {
  if (id === undefined) return undefined
  for (const document of documents) {
    const message = membersOf(parseJson(document))
    if (message?.['id'] === id && !('method' in message)) return message
  }
  return undefined
}

export function readError(value: unknown): RpcError | undefined {
  const error = membersOf(value)
  if (error === undefined) return undefined
  const { code, message } = error as { code?: unknown; message?: unknown }
  const isText = typeof message === 'string'
  return { code: typeof code === 'number' ? code : 0, message: isText ? message.slice(0, 200) : '' }
}
