// The store behind the tasks extension (SEP-2663): what a task is, how it moves, what tasks/get shows of it.
// In memory and bounded, for a test server; it knows neither JSON-RPC nor which tool made a task.
import { randomUUID } from 'node:crypto'
import type { CallToolResult, InputRequests } from '@modelcontextprotocol/server'

const TTL_MS = 600_000
const POLL_MS = 200
const MAX_TASKS = 1000

type Outcome =
  | { readonly status: 'working' }
  | { readonly status: 'input_required'; readonly inputRequests: InputRequests }
  | { readonly status: 'completed'; readonly result: CallToolResult }
  | { readonly status: 'failed'; readonly error: { readonly code: number; readonly message: string } }
  | { readonly status: 'cancelled' }

export type TaskView = {
  readonly taskId: string
  readonly createdAt: string
  readonly lastUpdatedAt: string
  readonly ttlMs: number
  readonly pollIntervalMs: number
} & Outcome

/** What a tool wants done: work that ends by itself after a while, or questions whose answers end it. */
export type Job =
  | { readonly delayMs: number; readonly end: () => Outcome }
  | { readonly inputRequests: InputRequests; readonly end: () => Outcome }

export interface TaskStore {
  create(job: Job): TaskView
  /** Undefined when there is no such task. */
  get(taskId: string): TaskView | undefined
  /** Unknown keys are ignored. False when there is no such task. */
  answer(taskId: string, keys: readonly string[]): boolean
  /** A task that has ended stays as it ended. False when there is no such task. */
  cancel(taskId: string): boolean
  close(): void
}

interface Task {
  view: TaskView
  readonly job: Job
  readonly timer: NodeJS.Timeout | undefined
}

export function createTaskStore(): TaskStore {
  const tasks = new Map<string, Task>()
  const move = (task: Task, outcome: Outcome) => {
    const { taskId, createdAt } = task.view
    task.view = { ...described(taskId, createdAt), ...outcome }
  }
  return {
    create(job) {
      const taskId = randomUUID()
      const asking = 'inputRequests' in job
      const timer = asking ? undefined : setTimeout(() => move(task, job.end()), job.delayMs)
      const start: Outcome = asking
        ? { status: 'input_required', inputRequests: job.inputRequests }
        : { status: 'working' }
      const task: Task = { view: { ...described(taskId, now()), ...start }, job, timer }
      tasks.set(taskId, task)
      const [oldest] = tasks.keys()
      if (tasks.size > MAX_TASKS && oldest !== undefined) tasks.delete(oldest)
      return task.view
    },
    get: (taskId) => tasks.get(taskId)?.view,
    answer(taskId, keys) {
      const task = tasks.get(taskId)
      if (task?.view.status === 'input_required') {
        const open = Object.entries(task.view.inputRequests).filter(([key]) => !keys.includes(key))
        const asking: Outcome = { status: 'input_required', inputRequests: Object.fromEntries(open) }
        move(task, open.length > 0 ? asking : task.job.end())
      }
      return task !== undefined
    },
    cancel(taskId) {
      const task = tasks.get(taskId)
      clearTimeout(task?.timer)
      if (task && ['working', 'input_required'].includes(task.view.status))
        move(task, { status: 'cancelled' })
      return task !== undefined
    },
    close() {
      for (const { timer } of tasks.values()) clearTimeout(timer)
    },
  }
}

function described(taskId: string, createdAt: string) {
  return { taskId, createdAt, lastUpdatedAt: now(), ttlMs: TTL_MS, pollIntervalMs: POLL_MS }
}

function now(): string {
  return new Date().toISOString()
}
