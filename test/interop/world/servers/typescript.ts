// The official TypeScript SDK's second generation: 2026-07-28 without sessions, the revisions before it with them.
import { join } from 'node:path'
import type { ServerProgram } from '../contract.ts'

export const TYPESCRIPT_SERVER: ServerProgram = {
  name: 'typescript-2',
  language: 'TypeScript',
  sdk: '@modelcontextprotocol/server 2.4.0',
  build: async () => [process.execPath, join(import.meta.dirname, 'typescript/main.ts')],
}
