// What a client hears of its message: JSON-RPC errors with the request's own id, one row for each reason.
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Reason } from '../../src/core/refusal.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { modern, type Sendable } from '../support/messages.ts'
import { expectRefusal, type RefusalRow as Row, rpcError as rpc } from '../support/refusal.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
afterAll(() => gateway.close())

const check = (reason: Reason, row: Row) => expectRefusal(gateway, reason, row)
const send = ({ body, headers }: Sendable) => gateway.post(body, headers)

describe('of the message: JSON-RPC with the request’s own id', () => {
  const { headers } = modern('tools/call', {}, { name: 'safe' })
  const wrongName = { ...modern('tools/call', { name: 'safe' }, { id: 'x' }).body }
  const rows: readonly (readonly [Reason, string, Row])[] = [
    [
      'body_unreadable',
      'R13',
      {
        send: (to) => to.post('{"jsonrpc":"2.0","id":1,'),
        status: 400,
        body: rpc(-32700, 'Parse error: the body is not JSON', {}, null),
      },
    ],
    [
      'message_invalid',
      'R13',
      {
        send: (to) => to.post('[]'),
        status: 400,
        body: rpc(-32600, 'Invalid request: the batch is empty', {}, null),
      },
    ],
    [
      'header_mismatch',
      'R5',
      {
        send: (to) => to.post(wrongName, { ...headers, 'mcp-name': 'other' }),
        status: 400,
        body: rpc(-32020, 'Header mismatch: Mcp-Name differs from the body', {}, 'x'),
      },
    ],
    [
      'params_invalid',
      'R6',
      {
        send: (to) =>
          to.post(
            {
              ...toolCall('safe', 2),
              params: { name: 'safe', _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
            },
            headers,
          ),
        status: 400,
        body: rpc(-32602, 'Invalid params: _meta lacks io.modelcontextprotocol/clientCapabilities', {}, 2),
      },
    ],
    [
      'version_unsupported',
      'R7',
      {
        send: (to) => to.post(toolCall('safe'), { 'mcp-protocol-version': '1900-01-01' }),
        status: 400,
        body: rpc(-32022, 'Unsupported protocol version', {
          data: {
            supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
            requested: '1900-01-01',
          },
        }),
      },
    ],
    [
      'capability_missing',
      'R8',
      {
        send: () => send(modern('tasks/get', { taskId: 't' }, { name: 't' })),
        status: 400,
        body: rpc(-32021, 'Missing required client capability', {
          data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
        }),
      },
    ],
    [
      'session_malformed',
      'S06',
      {
        send: (to) => to.post(toolCall('safe'), { 'mcp-session-id': 'a b' }),
        status: 400,
        body: rpc(-32600, 'Invalid session: Mcp-Session-Id must be one value of visible ASCII'),
      },
    ],
    [
      'session_unknown',
      'R12',
      {
        send: (to) => to.post(toolCall('safe'), { 'mcp-session-id': 'nobody' }),
        status: 404,
        body: rpc(-32001, 'Session not found'),
      },
    ],
    [
      'task_unknown',
      'S11',
      {
        send: (to) => to.post({ jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { taskId: 't' } }),
        status: 200,
        body: rpc(-32602, 'Task not found'),
      },
    ],
    [
      'method_unknown',
      'R9 modern',
      { send: () => send(modern('custom/thing')), status: 404, body: rpc(-32601, 'Method not found') },
    ],
    [
      'method_unknown',
      'R9 legacy',
      {
        send: (to) => to.post({ jsonrpc: '2.0', id: 1, method: 'custom/thing' }),
        status: 200,
        body: rpc(-32601, 'Method not found'),
      },
    ],
  ]
  test.each(rows)('%s (%s)', (reason, _id, row) => check(reason, row))
})
