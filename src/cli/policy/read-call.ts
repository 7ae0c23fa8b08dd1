// A method, a target and arguments from the command line → the Call that policy judges, read by the same strict
// reader as a request, so that what is explained is what would happen.
import type { Call } from '../../core/call.ts'
import { methodKind } from '../../core/methods.ts'
import { membersOf, parseJson } from '../../lib/json.ts'
import { readMessage } from '../../mcp/message.ts'

export type ReadCall =
  | { readonly ok: true; readonly call: Call }
  | { readonly ok: false; readonly message: string }

export function readCall(method: string, target: string | undefined, args: string | undefined): ReadCall {
  // docs/decisions.md, 7: only the running gateway remembers who created a task, and with which tool.
  if (methodKind(method) === 'task') {
    return { ok: false, message: 'a task is judged like the call that created it; explain that tools/call' }
  }
  const parsed = parseArgs(args)
  if (!parsed.ok) return parsed
  const params = paramsOf(method, target, parsed.value)
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
  const message = readMessage(body, { version: [], method: [], name: [] })
  const call = message.ok ? message.value.calls[0] : undefined
  if (call !== undefined) return { ok: true, call }
  const detail = !message.ok && 'detail' in message.refusal ? `: ${message.refusal.detail}` : ''
  return { ok: false, message: `the gateway would refuse this message${detail}; ${hint(method)}` }
}

function parseArgs(text: string | undefined): { ok: true; value: unknown } | { ok: false; message: string } {
  if (text === undefined) return { ok: true, value: undefined }
  const value = membersOf(parseJson(text))
  if (value !== undefined) return { ok: true, value }
  return { ok: false, message: `--args is not a JSON object such as '{"id": 7}'` }
}

function paramsOf(method: string, target: string | undefined, args: unknown): Record<string, unknown> {
  const named = target === undefined ? {} : nameTarget(method, target)
  return { ...named, ...(args === undefined ? {} : { arguments: args }) }
}

function nameTarget(method: string, target: string): Record<string, unknown> {
  if (method === 'completion/complete') return { ref: referenceTo(target) }
  if (method === 'subscriptions/listen') return { notifications: { resourceSubscriptions: [target] } }
  if (method.startsWith('resources/')) return { uri: target }
  return { name: target }
}

function referenceTo(target: string): Record<string, string> {
  return target.includes('://') ? { type: 'ref/resource', uri: target } : { type: 'ref/prompt', name: target }
}

function hint(method: string): string {
  return `name the tool, prompt or resource after the method, as in: ${method} <name>`
}
