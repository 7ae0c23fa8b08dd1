// Runs a script by its digest, and sends its text only to a server that does not have it yet.
import { hash } from 'node:crypto'
import { UNAVAILABLE, type Unavailable } from '../../core/shared-state.ts'
import { type AskRedis, NOSCRIPT } from './bounded.ts'

export interface ScriptCall {
  readonly keys: readonly string[]
  readonly args: readonly string[]
}

export type RunScript = (call: ScriptCall) => Promise<unknown | Unavailable>

export function createScript(text: string, ask: AskRedis): RunScript {
  const sha = hash('sha1', text)
  return async ({ keys, args }) => {
    const [key = ''] = keys
    const rest = [String(keys.length), ...keys, ...args]
    const reply = await ask(key, ['EVALSHA', sha, ...rest])
    return reply === NOSCRIPT ? unlessMissing(await ask(key, ['EVAL', text, ...rest])) : reply
  }
}

function unlessMissing(reply: unknown): unknown | Unavailable {
  return reply === NOSCRIPT ? UNAVAILABLE : reply
}
