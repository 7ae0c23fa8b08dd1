// One JSON-RPC message, as far as the gateway must understand it to decide.
import type { Era } from './refusal.ts'
import type { RemoteSpan } from './trace-context.ts'

export type TargetKind = 'tool' | 'prompt' | 'resource' | 'template'

/** In UTF-16 code units, of a tool or a prompt. MCP 2025-11-25 tools: at most 128 are recommended. */
export const MAX_NAME = 256

/** What a call names. A template is judged by the literal prefix before its first `{` (docs/decisions.md, 7). */
export interface Target {
  readonly kind: TargetKind
  readonly name: string
}

export interface Call {
  readonly kind: 'request' | 'notification' | 'response'
  /** The id as the JSON text that the client sent (`7`, `"a"`), so that an answer echoes it byte for byte. */
  readonly id: string | undefined
  /** Empty for a response. */
  readonly method: string
  readonly targets: readonly Target[]
  /** `params.taskId` of the tasks methods. */
  readonly taskId: string | undefined
  /** True when the answer may create a task (`params.task`, or the tasks extension is declared). */
  readonly mayCreateTask: boolean
  /** The id of the request that `notifications/cancelled` names, as JSON text. */
  readonly cancels?: string | undefined
  /** The span that it belongs to, by its `_meta` (SEP-414); absent where that names none. */
  readonly belongsTo?: RemoteSpan | undefined
  /** The JSON text of `params`, as it was sent; absent where there are none, or where they are gone. */
  readonly paramsJson?: (() => string) | undefined
  /** The parsed `params.arguments`; parsed when first asked for. */
  readonly args: () => unknown
}

/** A whole request body: one call, or a 2025-03-26 batch. */
export interface Message {
  readonly era: Era
  /** The revision that the client says it speaks: `_meta`, else the header, else undefined. */
  readonly version: string | undefined
  readonly batch: boolean
  readonly calls: readonly Call[]
}
