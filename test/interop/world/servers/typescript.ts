// The official TypeScript SDK as a server, in both generations.
import { join } from 'node:path'
import type { ServerProgram } from '../contract.ts'

/** 2026-07-28 without sessions, the revisions before it with them. */
export const TYPESCRIPT_SERVER: ServerProgram = {
  name: 'typescript-2',
  language: 'TypeScript',
  sdk: '@modelcontextprotocol/server 2.4.0',
  build: async () => [process.execPath, join(import.meta.dirname, 'typescript/main.ts')],
}

/** One revision and no other, as a server of that time. */
export function typescriptServerOf(revision: string): ServerProgram {
  return { ...TYPESCRIPT_SERVER, name: `typescript-2 at ${revision}`, env: { REVISION: revision } }
}

/** HTTP+SSE. */
export const TYPESCRIPT_SSE_SERVER: ServerProgram = {
  name: 'typescript-1-sse',
  language: 'TypeScript',
  sdk: '@modelcontextprotocol/sdk 1.32.2',
  endpoint: '/sse',
  build: async () => [process.execPath, join(import.meta.dirname, 'typescript/sse.ts')],
}
