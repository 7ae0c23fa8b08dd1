// The body of a POST → Message, by one strict reading. Policy judges what was read, and the bytes themselves are
// forwarded, so everything that two parsers could understand differently is refused (FWD-08).
// It does no I/O and judges no scopes.
import type { Call, Message } from '../core/call.ts'
import { isRemoved } from '../core/methods.ts'
import { ok, type Result, refuse } from '../core/refusal.ts'
import { type RemoteSpan, readRemoteSpan } from '../core/trace-context.ts'
import { copyOf } from '../lib/copied-text.ts'
import { type Element, invalidElement, isFitId, rawId, readElement } from './element.ts'
import { type ClassifiedMessage, classify, type VersionClaim } from './era.ts'
import {
  CAPABILITIES_KEY,
  MAX_BATCH,
  REQUEST_SHAPE,
  TASKS_EXTENSION,
  TRACEPARENT_KEY,
  TRACESTATE_KEY,
  VERSION_KEY,
} from './request-shape.ts'
import { type Counts, type Document, type ScanProblem, scan } from './scan.ts'
import type { Value } from './shape.ts'
import { jsonOf, type Source, textOf } from './source.ts'
import { checkStandardHeaders, type McpHeaders, singleHeader } from './standard-headers.ts'
import { readTargets } from './targets.ts'

export type { McpHeaders } from './standard-headers.ts'

const CANCELLED = 'notifications/cancelled'

/**
 * The values and names that a request may have. In a megabyte of calls there are about thirty bytes for each name, and
 * ten for each value.
 */
export const REQUEST_COUNTS: Counts = { maxValues: 100_000, maxNames: 32_768 }

const DETAILS: Readonly<Record<Exclude<ScanProblem, 'variant'>, string>> = {
  encoding: 'the body is not UTF-8, or begins with a byte order mark',
  syntax: 'the body is not JSON',
  depth: 'the body is nested too deeply',
  duplicate: 'a member name stands twice in one object',
  name: 'a member name contains NUL or half a character',
  count: 'the body has too many values or member names',
}

/**
 * The message, or why there is none; with the id of a single message whose id could be read, for the answer to it
 * (T26-30).
 */
export type Reading = Result<Message> & { readonly id?: string | undefined }

export function readMessage(body: Buffer, headers: McpHeaders): Reading {
  const document = scan(body, REQUEST_SHAPE, REQUEST_COUNTS)
  if (document === 'variant') return invalidElement('a member name differs from a known one only in case') // M04, M07
  if (typeof document === 'string') return refuse({ reason: 'body_unreadable', detail: DETAILS[document] })
  const read = readDocument(document, headers)
  if (read.ok) return read
  const id = document.root.members?.get('id')
  return isFitId(document.source, id) ? { ...read, id: rawId(document.source, id) } : read
}

function readDocument(document: Document, headers: McpHeaders): Result<Message> {
  const version = singleHeader('MCP-Protocol-Version', headers.version)
  if (!version.ok) return version
  const batch = document.root.items
  return batch === undefined
    ? readSingle(document, headers, version.value)
    : readBatch(document.source, batch, version.value)
}

function readSingle(document: Document, headers: McpHeaders, header: string | undefined): Result<Message> {
  const { source, root } = document
  const element = readElement(source, root)
  if (!element.ok) return element
  const { kind, method, params, meta } = element.value
  const spoken = classify({ kind, method, claim: claimOf(source, meta), header })
  if (!spoken.ok) return spoken
  if (kind !== 'response' && spoken.value.era === 'modern') {
    const parameterOf = (parameter: string) => textOf(source, params?.members?.get(parameter))
    const agreed = checkStandardHeaders({ kind, method }, headers, parameterOf)
    if (!agreed.ok) return agreed
  }
  return toMessage(source, [element.value], spoken.value, false)
}

/** LEG-07: only 2025-03-26 has batches. A client of it sends that version in the header, or no header (M17). */
function readBatch(source: Source, items: readonly Value[], header: string | undefined): Result<Message> {
  if (header !== undefined && header !== '2025-03-26') return invalidElement('this revision has no batches')
  if (items.length === 0) return invalidElement('the batch is empty')
  if (items.length > MAX_BATCH) return invalidElement(`a batch may hold ${MAX_BATCH} messages`)
  const elements: Element[] = []
  for (const item of items) {
    const element = readElement(source, item)
    if (!element.ok) return element
    if (element.value.method === 'initialize') return invalidElement('initialize may not be batched')
    if (element.value.meta?.members?.has(VERSION_KEY)) return invalidElement('this revision has no batches')
    elements.push(element.value)
  }
  return toMessage(source, elements, { era: 'legacy', version: header }, true)
}

function toMessage(
  source: Source,
  elements: readonly Element[],
  { era, version }: ClassifiedMessage,
  batch: boolean,
): Result<Message> {
  const calls: Call[] = []
  for (const element of elements) {
    const { method } = element
    if (isRemoved(method, era)) return refuse({ reason: 'method_unknown', method, era })
    const named = readTargets(source, element)
    if (!named.ok) return named
    calls.push({
      kind: element.kind,
      id: element.id,
      method: element.method,
      targets: named.value.targets,
      taskId: named.value.taskId,
      mayCreateTask: mayCreateTask(element),
      ...(method === CANCELLED && { cancels: cancelledBy(source, element.params) }),
      belongsTo: element.meta && remoteSpanIn(source, element.meta),
      paramsJson: element.params && paramsJsonOf(source, element.params),
      args: lazily(source, element.params?.members?.get('arguments')),
    })
  }
  return ok({ era, version, batch, calls })
}

/** XTR-01, XTR-02: what is not a proper one is no reason to refuse the call. It may outlive the body. */
function remoteSpanIn(source: Source, { members }: Value): RemoteSpan | undefined {
  const traceparent = members?.get(TRACEPARENT_KEY)
  if (traceparent === undefined) return undefined
  const span = readRemoteSpan(textOf(source, traceparent), textOf(source, members?.get(TRACESTATE_KEY)))
  if (span === undefined) return undefined
  const { traceId, spanId, state } = span
  return { traceId: copyOf(traceId), spanId: copyOf(spanId), state: state && copyOf(state) }
}

/** Returns the id as JSON text. Params without a proper id cancel nothing; the server may answer that. */
function cancelledBy(source: Source, params: Value | undefined): string | undefined {
  if (params === undefined) return undefined
  const { requestId } = JSON.parse(jsonOf(source, params)) as { readonly requestId?: unknown }
  const isProper = typeof requestId === 'string' || typeof requestId === 'number'
  return isProper ? JSON.stringify(requestId) : undefined
}

function paramsJsonOf(source: Source, params: Value): () => string {
  return () => jsonOf(source, params)
}

function claimOf(source: Source, meta: Value | undefined): VersionClaim {
  const claim = meta?.members?.get(VERSION_KEY)
  if (claim === undefined) return { state: 'absent' }
  const version = textOf(source, claim)
  if (version === undefined) return { state: 'malformed' }
  // T26-18: the capabilities are required; clientInfo is not.
  const capable = meta?.members?.get(CAPABILITIES_KEY)?.kind === 'object'
  return { state: 'present', version, missing: capable ? [] : [CAPABILITIES_KEY] }
}

/**
 * Whether the call may create a task. In 2025-11-25 `params.task` asks for one; with SEP-2663 the client declares that
 * it can take one.
 */
function mayCreateTask({ params, meta }: Element): boolean {
  const extensions = meta?.members?.get(CAPABILITIES_KEY)?.members?.get('extensions')
  return params?.members?.has('task') === true || extensions?.members?.has(TASKS_EXTENSION) === true
}

function lazily(source: Source, value: Value | undefined): () => unknown {
  let parsed: { readonly value: unknown } | undefined
  return () => {
    parsed ??= { value: value === undefined ? undefined : JSON.parse(jsonOf(source, value)) }
    return parsed.value
  }
}
