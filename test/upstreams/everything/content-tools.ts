// Tools that answer with each kind of content, with an error, or after messages on the way.
// Nothing here asks the client for anything; see input-tools.ts.
import { fromJsonSchema, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { PIXEL_PNG, SILENT_WAV, text } from './samples.ts'

/** Between two messages of one call, so that they arrive as a stream and not as one burst. */
const PAUSE_MS = 50

export function registerContentTools(server: McpServer): void {
  server.registerTool('test_simple_text', { description: 'Answers with a line of text' }, () =>
    text('This is a simple text response for testing.'),
  )
  server.registerTool('test_image_content', { description: 'Answers with an image' }, () => ({
    content: [{ type: 'image', data: PIXEL_PNG, mimeType: 'image/png' }],
  }))
  server.registerTool('test_audio_content', { description: 'Answers with a sound' }, () => ({
    content: [{ type: 'audio', data: SILENT_WAV, mimeType: 'audio/wav' }],
  }))
  server.registerTool('test_embedded_resource', { description: 'Answers with a resource' }, () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }))
  server.registerTool('test_multiple_content_types', { description: 'Answers with three kinds' }, () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PIXEL_PNG, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }))
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
}

export function registerStreamingTools(server: McpServer): void {
  const logging = async (ctx: ServerContext) => {
    await ctx.mcpReq.log('info', 'Tool execution started')
    await pause()
    await ctx.mcpReq.log('info', 'Tool processing data')
    await pause()
    await ctx.mcpReq.log('info', 'Tool execution completed')
    return text('Three messages were logged')
  }
  server.registerTool('test_tool_with_logging', { description: 'Logs three messages' }, logging)
  server.registerTool('test_logging_tool', { description: 'Logs three messages, if asked to' }, logging)
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Reports its progress three times' },
    async (ctx) => {
      for (const progress of [0, 50, 100]) await report(ctx, progress)
      return text('Progress was reported')
    },
  )
  server.registerTool(
    'test_reconnection',
    { description: 'Closes its stream in the middle of the call (SEP-1699)' },
    async (ctx) => {
      await pause()
      ctx.http?.closeSSE?.()
      await pause()
      return text('The call outlived its stream')
    },
  )
}

/** Tools whose input schema is the point. */
export function registerSchemaTools(server: McpServer): void {
  server.registerTool(
    'test_custom_headers',
    {
      description: 'Mirrors an argument in a header (SEP-2243)',
      inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
    },
    ({ region }) => text(`region: ${region}`),
  )
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Takes JSON Schema 2020-12 (SEP-1613, SEP-2106)', inputSchema: ADDRESS_SCHEMA },
    () => text('valid'),
  )
}

const ADDRESS_SCHEMA = fromJsonSchema({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
})

async function report(ctx: ServerContext, progress: number): Promise<void> {
  const progressToken = ctx.mcpReq._meta?.progressToken
  if (progressToken !== undefined) {
    await ctx.mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress, total: 100 },
    })
  }
  await pause()
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}
