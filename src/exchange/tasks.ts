// Tasks. Each belongs to the caller whose call created it, and a later request about it is decided like that call.
import type { Call, Message, Target } from '../core/call.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { type TaskMemory, UNAVAILABLE } from '../core/shared-state.ts'
import { allOf, andThen, type MaybeAsync } from '../core/turn.ts'
import { TASKS_EXTENSION } from '../mcp/request-shape.ts'
import type { CreatedTask } from '../mcp/tasks.ts'
import type { AdmittedRequest, AllowedCall } from './request-state.ts'

/** Adds to the message what its tasks were created for. For anybody but its owner a task does not exist. */
export function recallTasks(
  { endpoint, caller }: AdmittedRequest,
  message: Message,
): MaybeAsync<Result<Message>> {
  if (message.calls.every(({ taskId }) => taskId === undefined)) return ok(message)
  // XTS-01: a 2026-07-28 client that does not declare the tasks extension has no tasks.
  const undeclared = message.calls.some(({ taskId, mayCreateTask }) => taskId !== undefined && !mayCreateTask)
  if (message.era === 'modern' && undeclared) {
    return refuse({ reason: 'capability_missing', extension: TASKS_EXTENSION })
  }
  const { tasks } = endpoint.route
  const found = message.calls.map(({ taskId }) =>
    taskId === undefined ? NONE : tasks.find(caller.owner, taskId, caller.key),
  )
  return andThen(allOf(found), (targets) => withTargets(message, targets))
}

const NONE: readonly Target[] = []

type Found = Awaited<ReturnType<TaskMemory['find']>>

function withTargets(message: Message, found: readonly Found[]): Result<Message> {
  const calls: Call[] = []
  for (const [index, call] of message.calls.entries()) {
    const targets = found[index]
    if (targets === UNAVAILABLE) return refuse(NOT_ASKED)
    if (targets === undefined) return refuse({ reason: 'task_unknown' }) // S11, S12
    calls.push(call.taskId === undefined ? call : { ...call, targets: [...call.targets, ...targets] })
  }
  return ok({ ...message, calls })
}

/** The task may be the caller's own, so the answer is not that it is unknown. */
const NOT_ASKED: Refusal = { reason: 'state_unavailable', detail: 'tasks' }

/** A task is remembered only where the request asked for one. */
export function rememberTask({ endpoint, caller, message }: AllowedCall, { id, taskId }: CreatedTask): void {
  const creator = message.calls.find((call) => call.mayCreateTask && call.id === id)
  if (creator === undefined) return
  endpoint.route.tasks.remember(caller.owner, caller.key, taskId, creator.targets)
}
