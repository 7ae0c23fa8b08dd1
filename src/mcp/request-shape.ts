// Names the members of a client's message that the gateway reads. Each is also guarded against variants in case, so the
// list holds only members that are used; hints for traces are not guarded. It describes and decides nothing.
import { listOf, oneOrMany, SPAN, shapeOf } from './shape.ts'

/** MCP 2026-07-28 basic: the reserved `_meta` keys. */
export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
export const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'
/** XTR-01: W3C Trace Context in `_meta`. `baggage`, which SEP-414 names too, is not read. */
export const TRACEPARENT_KEY = 'traceparent'
export const TRACESTATE_KEY = 'tracestate'
/** SEP-2663: the tasks extension, declared in the capabilities of each request. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

/** How many messages a 2025-03-26 batch may have. */
export const MAX_BATCH = 50
/** How many resources one `subscriptions/listen` may name. */
export const MAX_SUBSCRIPTIONS = 1000

const META = shapeOf(
  {
    [VERSION_KEY]: SPAN,
    [CAPABILITIES_KEY]: shapeOf({ extensions: shapeOf({ [TASKS_EXTENSION]: SPAN }) }),
  },
  { [TRACEPARENT_KEY]: SPAN, [TRACESTATE_KEY]: SPAN },
)

const PARAMS = shapeOf({
  name: SPAN,
  uri: SPAN,
  taskId: SPAN,
  arguments: SPAN,
  task: SPAN,
  _meta: META,
  ref: shapeOf({ type: SPAN, name: SPAN, uri: SPAN }),
  notifications: shapeOf({
    resourceSubscriptions: listOf(SPAN, MAX_SUBSCRIPTIONS + 1),
    taskIds: listOf(SPAN, 2),
  }),
})

const ENVELOPE = {
  jsonrpc: SPAN,
  id: SPAN,
  method: SPAN,
  params: PARAMS,
  result: SPAN,
  error: SPAN,
}

/** One message, or a 2025-03-26 batch of them. */
export const REQUEST_SHAPE = oneOrMany(ENVELOPE, MAX_BATCH + 1)
