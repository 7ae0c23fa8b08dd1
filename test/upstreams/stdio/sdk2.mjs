// A server on @modelcontextprotocol/server (generation 2) over standard streams: one era for each process, whichever its
// first message belongs to.
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

const says = (text) => ({ content: [{ type: 'text', text }] })

serveStdio(() => {
  const server = new McpServer(
    { name: 'sdk2', version: '1' },
    { capabilities: { tools: { listChanged: true } } },
  )
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => says(text))
  server.registerTool(
    'count',
    { inputSchema: z.object({ steps: z.number() }) },
    async ({ steps }, context) => {
      const { progressToken } = context.mcpReq._meta ?? {}
      for (let progress = 1; progress <= steps; progress += 1)
        await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } })
      return says(`counted ${steps}`)
    },
  )
  return server
})
