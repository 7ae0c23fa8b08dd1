// Remembers which caller created which task by what call, so that every tasks/* call can be judged again (LEG-15,
// XTS-01, S11, S12). The memory is bounded: a task that was dropped is not found. It judges nothing itself.
import type { Target } from '../core/call.ts'
import type { TaskMemory } from '../core/shared-state.ts'
import { createSharedTable, type TableBounds } from '../core/shared-table.ts'
import { copyOf } from '../lib/copied-text.ts'
import { answersOf, MAX_STRICT_BYTES, mayContain, readAnswers, withoutMark } from './answer.ts'
import { readEnvelopes } from './envelope-reader.ts'
import { SPAN, shapeOf, type Value } from './shape.ts'
import { type Source, textOf } from './source.ts'

/** How many characters the id of a remembered task may have. */
const MAX_ID_CHARS = 512

/** A task memory in this process, which answers without a promise. */
export interface TaskMemoryInMemory extends TaskMemory {
  find(owner: string, taskId: string): readonly Target[] | undefined
}

export function createTaskMemory(bounds: TableBounds): TaskMemoryInMemory {
  const tasks = createSharedTable<readonly Target[]>(bounds)
  const keyOf = (owner: string, taskId: string) => `${taskId.length}:${taskId}${owner}`
  return {
    remember(owner, caller, taskId, targets) {
      if (taskId.length > MAX_ID_CHARS) return
      // The names are copied, since a substring keeps the whole text in memory.
      tasks.set(
        copyOf(keyOf(owner, taskId)),
        caller,
        targets.map(({ kind, name }) => ({ kind, name: copyOf(name) })),
      )
    },
    find: (owner, taskId) => tasks.get(keyOf(owner, taskId)),
  }
}

/** A task that an answer created, with the raw id of the request that the answer is for. */
export interface CreatedTask {
  readonly id: string
  readonly taskId: string
}

const RESULT = shapeOf({ resultType: SPAN, taskId: SPAN, task: shapeOf({ taskId: SPAN }) })
const ENVELOPE = { jsonrpc: SPAN, id: SPAN, method: SPAN, result: RESULT, error: SPAN }
const SHAPE = answersOf(ENVELOPE)

/** Reads `result.task.taskId` of 2025-11-25, and `result.taskId` with `resultType: "task"` of SEP-2663. */
export function readCreatedTasks(bytes: Buffer): readonly CreatedTask[] {
  if (!mayContain(bytes, ['taskId'])) return []
  if (bytes.length > MAX_STRICT_BYTES) return createdInLarge(bytes)
  const read = readAnswers(withoutMark(bytes), SHAPE)
  if (read === undefined) return []
  const created: CreatedTask[] = []
  for (const { id, method, result, error } of read.answers) {
    const taskId = method || error !== undefined ? undefined : createdIn(read.source, result)
    if (id !== undefined && taskId !== undefined) created.push({ id, taskId })
  }
  return created
}

function createdInLarge(bytes: Buffer): readonly CreatedTask[] {
  const envelopes = readEnvelopes(bytes) ?? []
  return envelopes.flatMap(({ id, method, error, taskId }) =>
    method || error || id === undefined || taskId === undefined ? [] : [{ id, taskId }],
  )
}

function createdIn(source: Source, result: Value | undefined): string | undefined {
  const flat = textOf(source, result?.members?.get('resultType')) === 'task'
  const holder = flat && result?.members?.has('taskId') ? result : result?.members?.get('task')
  return textOf(source, holder?.members?.get('taskId'))
}
