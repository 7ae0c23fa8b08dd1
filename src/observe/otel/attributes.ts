// What a span says of a call, in the words of OpenTelemetry: the conventions for MCP and GenAI of
// @opentelemetry/semantic-conventions 1.45.0, explained in semantic-conventions-genai 0.1.0, "Model Context Protocol". They are
// in development there, so their names stand here, and a test compares them with the package. Never an argument, a
// result, a token or a claim; who called is for caller-attributes.ts.
import type { Attributes } from '@opentelemetry/api'
import type { Call } from '../../core/call.ts'
import { onlyValue } from '../../core/fields.ts'
import { methodKind } from '../../core/methods.ts'
import { type RemoteSpan, remoteSpanOf } from '../../core/trace-context.ts'
import { copyOf } from '../../lib/copied-text.ts'
import type { RequestRecord } from '../request-record.ts'
import type { TracedRequest, TracedRoute } from '../tracing.ts'

export const CONVENTIONS = {
  method: 'mcp.method.name',
  protocolVersion: 'mcp.protocol.version',
  resource: 'mcp.resource.uri',
  session: 'mcp.session.id',
  operation: 'gen_ai.operation.name',
  tool: 'gen_ai.tool.name',
  prompt: 'gen_ai.prompt.name',
  requestId: 'jsonrpc.request.id',
  rpcStatus: 'rpc.response.status_code',
  error: 'error.type',
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatus: 'http.response.status_code',
  transport: 'network.transport',
  protocol: 'network.protocol.name',
  serverAddress: 'server.address',
  serverPort: 'server.port',
} as const

/** A longer value is cut: a client chose it. */
export const MAX_VALUE_CHARACTERS = 256

function bounded(text: string): string {
  return copyOf(text.slice(0, MAX_VALUE_CHARACTERS))
}

/** What is kept of a request while it is under way: not its headers, which hold the token (K15). */
export interface TracedCall extends Omit<TracedRequest, 'fields'> {
  /** The span that its headers name. */
  readonly inHeaders: RemoteSpan | undefined
  readonly version: string | undefined
  /** As the client sent it. */
  readonly session: string | undefined
}

const VERSION = /^\d{4}-\d{2}-\d{2}$/

export function tracedCall({ fields, ...request }: TracedRequest): TracedCall {
  const version = onlyValue(fields, 'mcp-protocol-version')
  const session = onlyValue(fields, 'mcp-session-id')
  return {
    ...request,
    inHeaders: remoteSpanOf(fields),
    version: version !== undefined && VERSION.test(version) ? version : undefined,
    session: session && bounded(session),
  }
}

/** Notifications of clients; whatever else begins so is a name that a client made up. */
const NOTIFICATIONS: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
])
const HTTP_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE'])
/** What OpenTelemetry calls a value that is not of its list. */
const OTHER = '_OTHER'
const TOOL_CALL = 'tools/call'

/** What the configuration alone says of a route. */
interface RouteWords {
  /** Names of spans by the tools that may stand in them. */
  readonly toolSpans: ReadonlyMap<string, string>
  /** Where its calls go. */
  readonly upstream: Attributes
}

const wordsOfRoutes = new WeakMap<TracedRoute, RouteWords>()

/** Made once for each route. */
export function routeWords(route: TracedRoute): RouteWords {
  const known = wordsOfRoutes.get(route)
  if (known !== undefined) return known
  const toolSpans = new Map(route.namedTools.map((tool) => [tool, `${TOOL_CALL} ${tool}`]))
  const words = { toolSpans, upstream: upstreamAttributes(route) }
  wordsOfRoutes.set(route, words)
  return words
}

function upstreamAttributes({ upstreamUrl }: TracedRoute): Attributes {
  if (upstreamUrl === undefined) return { [CONVENTIONS.transport]: 'pipe' }
  const { hostname, port, protocol } = upstreamUrl
  return {
    [CONVENTIONS.transport]: 'tcp',
    [CONVENTIONS.protocol]: 'http',
    [CONVENTIONS.serverAddress]: hostname,
    [CONVENTIONS.serverPort]: Number(port) || (protocol === 'https:' ? 443 : 80),
  }
}

/**
 * `{mcp.method.name} {target}`; of a request without a message `{http.request.method} {http.route}`. Backends count by
 * these names, so none is of a stranger's making: a tool stands in one where the configuration names it, other targets never.
 */
export function spanName(call: Call | undefined, { httpMethod, route }: TracedCall): string {
  if (call === undefined || call.kind === 'response') {
    return `${HTTP_METHODS.has(httpMethod) ? httpMethod : OTHER} ${route.path}`
  }
  const { method, targets } = call
  if (!isWellKnown(method)) return OTHER
  if (method !== TOOL_CALL) return copyOf(method)
  return routeWords(route).toolSpans.get(targets[0]?.name ?? '') ?? TOOL_CALL
}

function isWellKnown(method: string): boolean {
  return method.startsWith('notifications/') ? NOTIFICATIONS.has(method) : methodKind(method) !== 'unknown'
}

/** What the message says. */
export function callAttributes(call: Call | undefined): Attributes {
  if (call === undefined || call.kind === 'response') return {}
  const { method, id, targets } = call
  const [target] = targets
  return {
    [CONVENTIONS.method]: bounded(method),
    ...(id !== undefined && { [CONVENTIONS.requestId]: bounded(idText(id)) }),
    ...(method === TOOL_CALL && { [CONVENTIONS.operation]: 'execute_tool' }),
    ...(target !== undefined && targetAttributes(target)),
  }
}

/** A string without its quotes. */
function idText(id: string): string {
  return id.startsWith('"') ? (JSON.parse(id) as string) : id
}

/** Of an address only what stands before its query: what follows may be a secret. */
function targetAttributes({ kind, name }: Call['targets'][number]): Attributes {
  if (kind === 'tool') return { [CONVENTIONS.tool]: bounded(name) }
  if (kind === 'prompt') return { [CONVENTIONS.prompt]: bounded(name) }
  return { [CONVENTIONS.resource]: bounded(name).replace(/[?#].*/s, '') }
}

/** What the gateway knows when the request has ended. */
export function recordAttributes(record: RequestRecord, { route, version, session }: TracedCall): Attributes {
  const { refusal, id, httpMethod, status } = record
  const isSession = session !== undefined && refusal === undefined // that of a refused request may be made up
  return {
    [CONVENTIONS.transport]: 'tcp',
    [CONVENTIONS.protocol]: 'http',
    [CONVENTIONS.httpMethod]: HTTP_METHODS.has(httpMethod) ? httpMethod : OTHER,
    [CONVENTIONS.httpRoute]: route.path,
    [CONVENTIONS.httpStatus]: status,
    ...(version !== undefined && { [CONVENTIONS.protocolVersion]: version }),
    ...(isSession && { [CONVENTIONS.session]: session }),
    'portcullis.route': record.route,
    'portcullis.request_id': id,
    'portcullis.decision': refusal === undefined ? 'allowed' : 'refused',
    ...(refusal && { 'portcullis.reason': refusal.reason }),
  }
}

/** Why the call failed, as one of few words; undefined where it did not. `code`: of the JSON-RPC error, where it is known. */
export function errorType(record: RequestRecord, code: string | undefined): string | undefined {
  const { refusal, rpc, ending, status } = record
  if (refusal !== undefined) return refusal.reason
  if (rpc === 'tool_error') return 'tool_error'
  if (rpc === 'error') return code ?? OTHER
  if (ending !== 'complete') return ending
  return status >= 400 ? String(status) : undefined
}
