// Finds what a call names: the tools, prompts, resources, templates and tasks that policy judges it by (SCP-05,
// SCP-06). A name that is missing, no string, or not the same text for every decoder is refused here, so policy never
// sees half a call. It judges nothing.
import { MAX_NAME, type Target, type TargetKind } from '../core/call.ts'
import { ok, type Result } from '../core/refusal.ts'
import { badParams, type Element } from './element.ts'
import { isUnfit } from './member-names.ts'
import { MAX_SUBSCRIPTIONS } from './request-shape.ts'
import type { Value } from './shape.ts'
import { type Source, textOf } from './source.ts'

export interface Named {
  readonly targets: readonly Target[]
  readonly taskId: string | undefined
}

type Reader = (source: Source, params: Value | undefined) => Result<Named>

const NOTHING: Result<Named> = ok({ targets: [], taskId: undefined })

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['tools/call', (source, params) => readTarget('tool', source, params, 'name')],
  ['prompts/get', (source, params) => readTarget('prompt', source, params, 'name')],
  ['resources/read', (source, params) => readTarget('resource', source, params, 'uri')],
  ['resources/subscribe', (source, params) => readTarget('resource', source, params, 'uri')],
  ['resources/unsubscribe', (source, params) => readTarget('resource', source, params, 'uri')],
  ['skills/get', (source, params) => readTarget('resource', source, params, 'uri')],
  ['resources/directory/read', (source, params) => readTarget('resource', source, params, 'uri')],
  ['completion/complete', readReference],
  ['subscriptions/listen', readSubscriptions],
  ['tasks/get', readTask],
  ['tasks/update', readTask],
  ['tasks/cancel', readTask],
  ['tasks/result', readTask],
])

export function readTargets(source: Source, element: Element): Result<Named> {
  const read = READERS.get(element.method)
  return read === undefined ? NOTHING : read(source, element.params)
}

function readTarget(kind: TargetKind, source: Source, from: Value | undefined, key: string): Result<Named> {
  const name = nameOf(source, from?.members?.get(key))
  if (name === undefined) return badParams(`${key} is not a proper string`) // M10
  if (kind !== 'resource' && name.length > MAX_NAME)
    return badParams(`${key} is longer than ${MAX_NAME} characters`)
  return ok({ targets: [{ kind, name }], taskId: undefined })
}

/** M15: a completion is judged like the prompt or resource it completes. */
function readReference(source: Source, params: Value | undefined): Result<Named> {
  const ref = params?.members?.get('ref')
  const type = textOf(source, ref?.members?.get('type'))
  if (type === 'ref/prompt') return readTarget('prompt', source, ref, 'name')
  if (type !== 'ref/resource') return badParams('ref names neither a prompt nor a resource')
  const uri = nameOf(source, ref?.members?.get('uri'))
  if (uri === undefined) return badParams('uri is not a proper string')
  const kind = uri.includes('{') ? 'template' : 'resource'
  return ok({ targets: [{ kind, name: uri }], taskId: undefined })
}

/** M16: each subscribed URI is judged like `resources/read`. */
function readSubscriptions(source: Source, params: Value | undefined): Result<Named> {
  const notifications = params?.members?.get('notifications')
  if (notifications === undefined) return NOTHING
  if (notifications.kind !== 'object') return badParams('notifications is not an object')
  const uris = namesOf(source, notifications.members?.get('resourceSubscriptions'))
  if (uris === undefined) return badParams('resourceSubscriptions is not a short list of strings')
  const taskIds = namesOf(source, notifications.members?.get('taskIds'))
  // A call carries one task, and is judged by what created it (S11, S12); further tasks would escape that.
  if (taskIds === undefined || taskIds.length > 1) return badParams('taskIds may name one task')
  if (taskIds.length === 1 && uris.length > 0) return badParams('a stream is for resources or for a task')
  return ok({ targets: uris.map((name) => ({ kind: 'resource', name })), taskId: taskIds[0] })
}

function readTask(source: Source, params: Value | undefined): Result<Named> {
  const taskId = nameOf(source, params?.members?.get('taskId'))
  return taskId === undefined ? badParams('taskId is not a proper string') : ok({ targets: [], taskId })
}

function namesOf(source: Source, list: Value | undefined): readonly string[] | undefined {
  if (list === undefined) return []
  if (list.items === undefined || list.items.length > MAX_SUBSCRIPTIONS) return undefined
  const names = list.items.map((item) => nameOf(source, item)).filter((name) => name !== undefined)
  return names.length === list.items.length ? names : undefined
}

/** Returns a name that every upstream reads alike: some end it at NUL, and some replace a lone surrogate (M08). */
function nameOf(source: Source, value: Value | undefined): string | undefined {
  const name = textOf(source, value)
  return name === undefined || isUnfit(name) ? undefined : name
}
