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
    const said = await ask(key, ['EVALSHA', sha, ...rest])
    return said === NOSCRIPT ? unlessMissing(await ask(key, ['EVAL', text, ...rest])) : said
  }
}

function unlessMissing(said: unknown): unknown | Unavailable {
  return said === NOSCRIPT ? UNAVAILABLE : said
}
