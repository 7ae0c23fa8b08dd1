// One refusal of a whole gateway, checked from all sides: what the client hears to the byte of its body, what the
// audit says, and that the upstream heard nothing.
import { expect } from 'vitest'
import type { Reason } from '../../src/core/refusal.ts'
import type { TestGateway } from './gateway.ts'

export interface RefusalRow {
  readonly send: (gateway: TestGateway) => Promise<Response>
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string | null>>
}

const CHALLENGED: ReadonlySet<Reason> = new Set([
  'token_missing',
  'token_malformed',
  'token_rejected',
  'scope_missing',
])

/** The gateway records with `auditRequired`. */
export async function expectRefusal(gateway: TestGateway, reason: Reason, row: RefusalRow): Promise<void> {
  const before = gateway.upstream.received.length
  const response = await row.send(gateway)
  expect(response.status).toBe(row.status)
  const { headers } = response
  for (const [name, value] of Object.entries(row.headers ?? {})) expect(headers.get(name)).toBe(value)
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers.has('www-authenticate')).toBe(CHALLENGED.has(reason))
  expect(await response.json()).toEqual(row.body)
  expect(gateway.upstream.received.length).toBe(before)
  if (reason === 'route_unknown') return // no line for each path that somebody tries
  expect(gateway.audit().at(-1)).toMatchObject({
    decision: 'refused',
    reason,
    status: row.status,
    request_id: headers.get('x-request-id'),
  })
}

export const oauthBody = (error: string, error_description: string) => ({ error, error_description })

/** `id` null for none. */
export const rpcError = (code: number, message: string, more: object = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  ...(id === null ? {} : { id }),
  error: { code, message, ...more },
})
