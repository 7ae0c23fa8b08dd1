// Tools and one prompt that ask the client for something before they answer. Written once for both eras:
// 2026-07-28 clients get an input_required result (SEP-2322), older ones are asked by the SDK's shim.
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { ENUM_FORM, FORM_WITH_DEFAULTS, USER_FORM } from './forms.ts'
import { text } from './samples.ts'

const NAME = z.object({ name: z.string() })
const COLOR = z.object({ color: z.string() })
const CONFIRMATION = z.object({ ok: z.boolean() })
const CONTEXT = z.object({ context: z.string() })

/** What travels in requestState, sealed: the round, and what the rounds before it found out. */
export interface Progress {
  readonly round: number
  readonly name?: string
}

/** One question, then an answer that repeats what the client said. */
export function registerQuestions(server: McpServer): void {
  const forms = [
    ['test_elicitation_sep1034_defaults', 'Asks with a default for each type (SEP-1034)', FORM_WITH_DEFAULTS],
    ['test_elicitation_sep1330_enums', 'Asks with each kind of enumeration (SEP-1330)', ENUM_FORM],
  ] as const
  for (const [name, description, requestedSchema] of forms) {
    server.registerTool(name, { description }, (ctx) =>
      elicited(ctx, 'Please fill in the form', requestedSchema, 'Elicitation completed'),
    )
  }
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    ({ message }, ctx) => elicited(ctx, message, USER_FORM, 'User response'),
  )
  server.registerTool(
    'test_sampling',
    { description: "Asks the client's model", inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, ctx) => sampled(ctx, 'answer', prompt, 'LLM response: '),
  )
  server.registerTool('test_missing_capability', { description: 'Needs sampling' }, (ctx) =>
    sampled(ctx, 'answer', 'Anything', 'LLM response: '),
  )
  server.registerTool('test_streaming_elicitation', { description: 'Asks after a progress report' }, (ctx) =>
    named(ctx),
  )
  server.registerTool('test_input_required_result_elicitation', { description: 'Asks for a name' }, (ctx) =>
    named(ctx),
  )
  server.registerTool('test_input_required_result_sampling', { description: 'Asks a model' }, (ctx) =>
    sampled(ctx, 'capital_question', 'What is the capital of France?', ''),
  )
  server.registerTool('test_input_required_result_list_roots', { description: 'Asks for roots' }, (ctx) => {
    const answer = inputResponse(ctx.mcpReq.inputResponses, 'client_roots')
    if (answer.kind !== 'roots') return ask({ client_roots: inputRequired.listRoots() })
    return text(`Roots: ${answer.roots.map((root) => root.uri).join(', ')}`)
  })
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks only for what the client declared' },
    (ctx) => {
      if (ctx.mcpReq.inputResponses !== undefined) return text('Thank you')
      // The SDK publishes the envelope's type as {}.
      const envelope: { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } = ctx.mcpReq.envelope ?? {}
      const declared = envelope[CLIENT_CAPABILITIES_META_KEY] ?? {}
      return ask({
        ...(declared.sampling && { sampled: question('Say something') }),
        ...(declared.elicitation && { named: form('What is your name?', NAME) }),
      })
    },
  )
}

/** Conversations of several rounds, whose state rides with the client under a seal. */
export function registerConversations(server: McpServer, state: RequestStateCodec<Progress>): void {
  const confirm = async (ctx: ServerContext) => {
    if (ctx.mcpReq.requestState<Progress>()?.round === 1 && answers(ctx, 'confirm')) return text('state-ok')
    return ask({ confirm: form('Please confirm', CONFIRMATION) }, await state.mint({ round: 1 }))
  }
  const description = 'Asks for a confirmation, with state'
  server.registerTool('test_input_required_result_request_state', { description }, confirm)
  server.registerTool('test_input_required_result_tampered_state', { description }, confirm)
  server.registerTool(
    'test_input_required_result_multiple_inputs',
    { description: 'Asks for three things at once' },
    async (ctx) => {
      if (answers(ctx, 'user_name', 'greeting', 'client_roots')) return text('All three answers arrived')
      const requests = {
        user_name: form('What is your name?', NAME),
        greeting: question('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      }
      return ask(requests, await state.mint({ round: 1 }))
    },
  )
  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'Asks twice, one question after the other' },
    async (ctx) => {
      const { inputResponses, requestState } = ctx.mcpReq
      const progress = requestState<Progress>()
      const color = acceptedContent(inputResponses, 'step2', COLOR)?.color
      if (progress?.round === 2 && color) return text(`${progress.name} likes ${color}`)
      const name = acceptedContent(inputResponses, 'step1', NAME)?.name
      if (progress?.round === 1 && name) {
        const step2 = form('Step 2: What is your favorite color?', COLOR)
        return ask({ step2 }, await state.mint({ round: 2, name }))
      }
      return ask({ step1: form('Step 1: What is your name?', NAME) }, await state.mint({ round: 1 }))
    },
  )
}

export function registerAskingPrompt(server: McpServer): void {
  const name = 'test_input_required_result_prompt'
  server.registerPrompt(name, { description: 'Asks for its context first' }, (ctx) => {
    const context = acceptedContent(ctx.mcpReq.inputResponses, 'user_context', CONTEXT)?.context
    if (context === undefined)
      return ask({ user_context: form('What context should the prompt use?', CONTEXT) })
    return { messages: [{ role: 'user', content: { type: 'text', text: `Context: ${context}` } }] }
  })
}

type Form = Parameters<typeof inputRequired.elicit>[0]['requestedSchema']

function elicited(ctx: ServerContext, message: string, requestedSchema: Form, label: string) {
  const answer = inputResponse(ctx.mcpReq.inputResponses, 'form')
  if (answer.kind !== 'elicit') return ask({ form: form(message, requestedSchema) })
  return text(`${label}: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`)
}

function sampled(ctx: ServerContext, key: string, prompt: string, label: string) {
  const answer = inputResponse(ctx.mcpReq.inputResponses, key)
  if (answer.kind !== 'sampling') return ask({ [key]: question(prompt) })
  const [content] = [answer.result.content].flat()
  return text(label + (content?.type === 'text' ? content.text : `(${content?.type})`))
}

async function named(ctx: ServerContext) {
  const { name } = acceptedContent(ctx.mcpReq.inputResponses, 'user_name', NAME) ?? {}
  return name === undefined ? ask({ user_name: form('What is your name?', NAME) }) : text(`Hello, ${name}!`)
}

function form(message: string, requestedSchema: Form) {
  return inputRequired.elicit({ message, requestedSchema })
}

function question(prompt: string, maxTokens = 100) {
  const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }]
  return inputRequired.createMessage({ messages, maxTokens })
}

function ask(inputRequests: InputRequests, requestState?: string): InputRequiredResult {
  return inputRequired({ inputRequests, ...(requestState !== undefined && { requestState }) })
}

function answers(ctx: ServerContext, ...keys: string[]): boolean {
  return keys.every((key) => inputResponse(ctx.mcpReq.inputResponses, key).kind !== 'missing')
}
