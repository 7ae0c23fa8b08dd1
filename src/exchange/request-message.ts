// Reads the body of a request once: its message, and the id that an answer to it carries. The body of a request over a
// limit is read too, where the refusal must carry the id.
import type { Message } from '../core/call.ts'
import { valuesOf } from '../core/fields.ts'
import { ok, type Result } from '../core/refusal.ts'
import type { BufferedBody, ReadBody } from '../http/body.ts'
import { type DeniedRequest, UNREAD_REQUEST } from '../http/deny.ts'
import type { Inbound } from '../http/inbound.ts'
import { type McpHeaders, readMessage } from '../mcp/message.ts'
import type { RouteRequest } from './request-state.ts'
import type { Route } from './route.ts'

/** GET and DELETE carry no message: they need the baseline, and belong to the revisions that have sessions. */
const NO_MESSAGE: Message = { era: 'legacy', version: undefined, batch: false, calls: [] }

/** The message, and the id that an answer to it carries. The id is known also for a message that is refused. */
export function readRequestMessage(
  { inbound, endpoint }: RouteRequest,
  body: BufferedBody | undefined,
): { readonly message: Result<Message>; readonly denied: DeniedRequest } {
  if (body?.bytes === undefined) return { message: ok(NO_MESSAGE), denied: UNREAD_REQUEST }
  const message = readMessage(body.bytes, mcpHeaders(inbound, endpoint.route))
  if (!message.ok) return { message, denied: { bodyRead: true, id: message.id } }
  return { message, denied: deniedRequestOf(message.value) }
}

export function deniedRequestOf({ batch, calls, era }: Message): DeniedRequest {
  const single = batch ? undefined : calls[0]
  const toolCall = single?.method === 'tools/call' ? era : undefined
  return { bodyRead: true, id: single?.id, toolCall }
}

function mcpHeaders({ fields }: Inbound, { transport }: Route): McpHeaders {
  return {
    version: valuesOf(fields, 'mcp-protocol-version'),
    method: valuesOf(fields, 'mcp-method'),
    name: valuesOf(fields, 'mcp-name'),
    areOptional: transport === 'sse',
  }
}

/** How much is read of a request over a limit: enough for its id, and no more than a refusal should cost. */
const MAX_REFUSED_BYTES = 16 * 1024

/** Reads the id for a refusal that comes before the body was read, where the route reports its errors in JSON-RPC. */
export async function readDeniedRequest(
  request: RouteRequest,
  readBody: ReadBody,
  key: string,
): Promise<DeniedRequest> {
  const { inbound, endpoint } = request
  const announced = Number(valuesOf(inbound.fields, 'content-length')[0])
  const isRead =
    endpoint.denial.errors === 'in_band' && inbound.method === 'POST' && announced <= MAX_REFUSED_BYTES
  const body = isRead ? await readBody(inbound, MAX_REFUSED_BYTES, key) : undefined
  if (!body?.ok) return UNREAD_REQUEST
  const { denied } = readRequestMessage(request, body.value)
  body.value.release()
  return denied
}
