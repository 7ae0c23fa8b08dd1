// Tasks: each belongs to the caller whose call created it, and what is asked about it later is decided like that call.
import type { Call, Message } from '../core/call.ts'
import { ok, type Result, refuse } from '../core/refusal.ts'
import { TASKS_EXTENSION } from '../mcp/request-shape.ts'
import type { CreatedTask } from '../mcp/tasks.ts'
import type { AdmittedRequest, AllowedCall } from './request-state.ts'

/** The message with what its tasks were created for. To anybody but its owner a task does not exist. */
export function recallTasks({ endpoint, caller }: AdmittedRequest, message: Message): Result<Message> {
  if (message.calls.every(({ taskId }) => taskId === undefined)) return ok(message)
  // XTS-01: a 2026-07-28 client that does not declare the tasks extension has no tasks.
  const undeclared = message.calls.some(({ taskId, mayCreateTask }) => taskId !== undefined && !mayCreateTask)
  if (message.era === 'modern' && undeclared) {
    return refuse({ reason: 'capability_missing', extension: TASKS_EXTENSION })
  }
  const { tasks } = endpoint.route
  const calls: Call[] = []
  for (const call of message.calls) {
    const targets = call.taskId === undefined ? call.targets : tasks.find(caller.owner, call.taskId)
    if (targets === undefined) return refuse({ reason: 'task_unknown' }) // S11, S12
    calls.push({ ...call, targets: call.taskId === undefined ? targets : [...call.targets, ...targets] })
  }
  return ok({ ...message, calls })
}

/** A task is remembered only where the request asked for one. */
export function rememberTask({ endpoint, caller, message }: AllowedCall, { id, taskId }: CreatedTask): void {
  const creator = message.calls.find((call) => call.mayCreateTask && call.id === id)
  if (creator === undefined) return
  endpoint.route.tasks.remember(caller.owner, caller.key, taskId, creator.targets)
}
