// @modelcontextprotocol/server-everything 2026.8.31 on SDK 1: sessions, tasks, and messages on the GET stream; or in its mode of
// 2024-11-05.
import { join } from 'node:path'
import { type Program, startProgram } from '../program.ts'
import { freePort } from '../scene.ts'
import { NODE } from './replica.ts'

const MAIN = join(
  ...[import.meta.dirname, '..', '..', 'node_modules', '@modelcontextprotocol'],
  ...['server-everything', 'dist', 'index.js'],
)

export interface Everything {
  readonly url: string
  readonly program: Program
}

export async function startEverything(folder: string, mode: 'streamableHttp' | 'sse'): Promise<Everything> {
  const port = await freePort()
  const log = join(folder, `everything-${mode}.log`)
  const options = { env: { PORT: String(port) }, startLimitMs: 60_000 }
  const program = await startProgram(NODE, [MAIN, mode], port, log, options)
  return { url: `http://127.0.0.1:${port}/${mode === 'sse' ? 'sse' : 'mcp'}`, program }
}
