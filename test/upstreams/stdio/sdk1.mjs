// A server on @modelcontextprotocol/sdk (generation 1) over standard streams.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

const server = new McpServer({ name: 'sdk1', version: '1' })
const says = (text) => ({ content: [{ type: 'text', text }] })
server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => says(text))
server.registerTool('count', { inputSchema: { steps: z.number() } }, async ({ steps }, extra) => {
  const { progressToken } = extra._meta ?? {}
  for (let progress = 1; progress <= steps; progress += 1)
    await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } })
  return says(`counted ${steps}`)
})
server.registerTool('think', { inputSchema: { text: z.string() } }, async ({ text }) => {
  const messages = [{ role: 'user', content: { type: 'text', text } }]
  const answer = await server.server.createMessage({ messages, maxTokens: 10 })
  return says(answer.content.text)
})
await server.connect(new StdioServerTransport())
