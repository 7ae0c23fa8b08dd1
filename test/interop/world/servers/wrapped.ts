// The Python server on standard streams, behind two programs that people put in front of such servers.
import { join } from 'node:path'
import type { Built, ServerProgram } from '../contract.ts'
import { buildPython } from '../python.ts'

const NO_QUESTIONS = 'it passes no questions of the server to the client'

async function wrapped(wrapper: string): Promise<Built> {
  const server = await buildPython('mcp1', 'servers/python/mcp1.py', 'stdio')
  if (typeof server === 'string') return server
  return [process.execPath, join(import.meta.dirname, 'wrapped/main.ts'), wrapper, ...server]
}

export const SUPERGATEWAY: ServerProgram = {
  name: 'supergateway',
  language: 'Python, standard streams',
  sdk: 'supergateway 4.0.0, mcp 1.30.0',
  build: () => wrapped('supergateway'),
  cannot: { resume: 'it keeps no events' },
}

export const MCP_PROXY: ServerProgram = {
  name: 'mcp-proxy',
  language: 'Python, standard streams',
  sdk: 'mcp-proxy 6.7.19, mcp 1.30.0',
  build: () => wrapped('mcp-proxy'),
  cannot: { elicitation: NO_QUESTIONS, sampling: NO_QUESTIONS },
}
