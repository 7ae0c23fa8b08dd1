import { expect, test } from 'vitest'
import { type Outcome, readOutcome } from '../../src/mcp/outcome.ts'

const rows: readonly (readonly [string, Outcome['kind'], number | undefined])[] = [
  ['{"jsonrpc":"2.0","id":1,"result":{}}', 'result', undefined],
  [
    '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"an \\"error\\" happened"}]}}',
    'result',
    undefined,
  ],
  ['{"jsonrpc":"2.0","id":1,"result":{"content":[{"isError":true}]}}', 'result', undefined],
  ['{"jsonrpc":"2.0","id":1,"result":{"isError":false}}', 'result', undefined],
  ['{"jsonrpc":"2.0","id":1,"result":{"isError":true}}', 'tool_error', undefined],
  ['{"jsonrpc":"2.0","id":1,"result":{"is\\u0045rror":true}}', 'tool_error', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":""}}', 'error', -32602],
  ['{"jsonrpc":"2.0","id":1,"error":{"message":""}}', 'error', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":1.5}}', 'error', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":"1"}}', 'error', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":1e99}}', 'error', undefined],
  ['{"jsonrpc":"2.0","method":"notifications/message","params":{"result":1}}', 'none', undefined],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","error":{}}', 'none', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{},"error":{}}', 'none', undefined],
  ['{"jsonrpc":"2.0","id":1}', 'none', undefined],
  ['"error"', 'none', undefined],
  ['error', 'none', undefined],
  ['', 'none', undefined],
  [
    '[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"error":{"code":7}},{"jsonrpc":"2.0","id":3,"result":{"isError":true}}]',
    'error',
    7,
  ],
  [
    '[{"jsonrpc":"2.0","id":1,"result":{"isError":true}},{"jsonrpc":"2.0","id":2,"result":{}}]',
    'tool_error',
    undefined,
  ],
]

test.each(rows)('L40 %s', (text, kind, code) =>
  expect(readOutcome(Buffer.from(text))).toEqual({ kind, code }),
)
