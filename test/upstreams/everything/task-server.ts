// Serves the tools that become tasks, and tasks/get, tasks/update and tasks/cancel (SEP-2663), to clients of
// 2026-07-28. A low-level server, because the high-level one has no tasks. Older clients get plain answers.
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  isInputRequiredResult,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { text } from './samples.ts'
import type { Job, TaskStore } from './tasks.ts'

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

const NAME = z.object({ name: z.string() })
const CONFIRMATION = z.object({ confirm: z.boolean() })
const SECOND_MS = 1000

interface TaskTool {
  readonly description: string
  readonly inputSchema: z.ZodObject
  /** No answer without the extension (SEP-2663, required capabilities). */
  readonly required: boolean
  job(args: Record<string, unknown>, ctx: ServerContext): Job | InputRequiredResult
}

const TOOLS: Readonly<Record<string, TaskTool>> = {
  slow_compute: {
    description: 'Takes the given seconds',
    inputSchema: z.object({ seconds: z.number(), label: z.string().optional() }),
    required: false,
    job: ({ seconds, label }) => ({
      delayMs: Number(seconds) * SECOND_MS,
      end: () => completed(`Computed ${label ?? ''} in ${seconds} s`),
    }),
  },
  failing_job: {
    description: 'Ends with an error of the tool',
    inputSchema: z.object({}),
    required: true,
    job: () => ({
      delayMs: SECOND_MS,
      end: () => ({ status: 'completed', result: { ...text('The job failed'), isError: true } }),
    }),
  },
  protocol_error_job: {
    description: 'Ends with an error of the protocol',
    inputSchema: z.object({}),
    required: true,
    job: () => ({
      delayMs: 0,
      end: () => ({ status: 'failed', error: { code: ProtocolErrorCode.InternalError, message: 'broken' } }),
    }),
  },
  confirm_delete: {
    description: 'Asks before it deletes',
    inputSchema: z.object({ filename: z.string() }),
    required: true,
    job: ({ filename }) => ({
      inputRequests: { confirm: form(`Delete ${filename}?`, CONFIRMATION) },
      end: () => completed(`Answered about ${filename}`),
    }),
  },
  multi_input: {
    description: 'Asks two things at once',
    inputSchema: z.object({}),
    required: true,
    job: () => ({
      inputRequests: { name: form('Your name?', NAME), confirm: form('Sure?', CONFIRMATION) },
      end: () => completed('Both answers arrived'),
    }),
  },
  test_tool_with_task: {
    description: 'Asks first and becomes a task then',
    inputSchema: z.object({}),
    required: true,
    job(_, ctx) {
      const name = acceptedContent(ctx.mcpReq.inputResponses, 'user_name', NAME)?.name
      if (name === undefined) return inputRequired({ inputRequests: { user_name: form('Your name?', NAME) } })
      return { delayMs: 0, end: () => completed(`Hello, ${name}!`) }
    },
  },
}

/** Whether a message of 2026-07-28 is for this server rather than for the high-level one. */
export function isTaskMessage(body: unknown): boolean {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { name?: unknown } }
  if (method === 'tools/call') return Object.hasOwn(TOOLS, String(params?.name))
  return method === 'tasks/get' || method === 'tasks/update' || method === 'tasks/cancel'
}

/** Makes the tools appear in lists. Called on the high-level server, they never make tasks. */
export function registerTaskTools(server: McpServer): void {
  server.registerTool('greet', { description: 'Greets at once', inputSchema: NAME }, ({ name }) =>
    text(`Hello, ${name}!`),
  )
  for (const [name, { description, inputSchema }] of Object.entries(TOOLS)) {
    server.registerTool(name, { description, inputSchema }, () => text(`${name} needs the tasks extension`))
  }
}

export function createTaskServer(tasks: TaskStore): Server {
  const capabilities = { tools: {}, extensions: { [TASKS_EXTENSION]: {} } }
  const server = new Server({ name: 'everything-2x', version: '1.0.0' }, { capabilities })
  // Not a handler of its own: the SDK would complete a task into a tool's result.
  server.fallbackRequestHandler = async ({ params }, ctx) => {
    const { name, arguments: args } = params as { name: string; arguments?: Record<string, unknown> }
    const tool = TOOLS[name] as TaskTool
    const declared = declaresTasks(ctx)
    if (tool.required && !declared) throw tasksNeeded()
    const job = tool.job(args ?? {}, ctx)
    if (isInputRequiredResult(job)) return job
    return declared ? { ...tasks.create(job), ...AS_TASK, inputRequests: undefined } : answerAtOnce(job)
  }
  const byId = z.object({ taskId: z.string() })
  server.setRequestHandler('tasks/get', { params: byId }, ({ taskId }, ctx) => {
    return found(ctx, tasks.get(taskId))
  })
  const update = byId.extend({ inputResponses: z.record(z.string(), z.unknown()).optional() })
  server.setRequestHandler('tasks/update', { params: update }, ({ taskId }, ctx) => {
    const { inputResponses = {} } = ctx.mcpReq
    return found(ctx, tasks.answer(taskId, Object.keys(inputResponses)) && {})
  })
  server.setRequestHandler('tasks/cancel', { params: byId }, ({ taskId }, ctx) => {
    return found(ctx, tasks.cancel(taskId) && {})
  })
  return server
}

const AS_TASK = { resultType: 'task' } as const

function found(ctx: ServerContext, view: Result | false | undefined): Result {
  if (!declaresTasks(ctx)) throw tasksNeeded()
  if (!view) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown task')
  return view
}

/** What a tool that may be a task answers to a client that does not know tasks. */
async function answerAtOnce(job: Job): Promise<Result> {
  if ('delayMs' in job) await new Promise((resolve) => setTimeout(resolve, job.delayMs))
  const outcome = job.end()
  return outcome.status === 'completed' ? outcome.result : { ...text(outcome.status), isError: true }
}

function declaresTasks(ctx: ServerContext): boolean {
  // The SDK publishes the envelope's type as {}.
  const envelope: { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } = ctx.mcpReq.envelope ?? {}
  return envelope[CLIENT_CAPABILITIES_META_KEY]?.extensions?.[TASKS_EXTENSION] !== undefined
}

function tasksNeeded(): MissingRequiredClientCapabilityError {
  return new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  })
}

function completed(value: string) {
  return { status: 'completed' as const, result: text(value) }
}

function form(message: string, requestedSchema: z.ZodObject) {
  return inputRequired.elicit({ message, requestedSchema })
}
