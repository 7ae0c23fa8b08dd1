import { expect, test } from 'vitest'
import { type AnswerOutcome, readErrorCode, readOutcome } from '../../src/mcp/outcome.ts'

const rows: readonly (readonly [string, AnswerOutcome])[] = [
  ['{"jsonrpc":"2.0","id":1,"result":{}}', 'result'],
  [
    '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"an \\"error\\" happened"}]}}',
    'result',
  ],
  ['{"jsonrpc":"2.0","id":1,"result":{"content":[{"isError":true}]}}', 'result'],
  ['{"jsonrpc":"2.0","id":1,"result":{"isError":false}}', 'result'],
  ['{"jsonrpc":"2.0","id":1,"result":{"isError":true}}', 'tool_error'],
  ['{"jsonrpc":"2.0","id":1,"result":{"is\\u0045rror":true}}', 'tool_error'],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":""}}', 'error'],
  ['{"jsonrpc":"2.0","id":1,"error":{"message":""}}', 'error'],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":1.5}}', 'error'],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":"1"}}', 'error'],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":1e99}}', 'error'],
  ['{"jsonrpc":"2.0","method":"notifications/message","params":{"result":1}}', 'none'],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","error":{}}', 'none'],
  ['{"jsonrpc":"2.0","id":1,"error":{},"error":{}}', 'none'],
  ['{"jsonrpc":"2.0","id":1}', 'none'],
  ['"error"', 'none'],
  ['error', 'none'],
  ['', 'none'],
  [
    '[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"error":{"code":7}},{"jsonrpc":"2.0","id":3,"result":{"isError":true}}]',
    'error',
  ],
  ['[{"jsonrpc":"2.0","id":1,"result":{"isError":true}},{"jsonrpc":"2.0","id":2,"result":{}}]', 'tool_error'],
]

test.each(rows)('L40 %s', (text, outcome) => expect(readOutcome(Buffer.from(text))).toBe(outcome))

test.each([
  ['{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":""}}', '-32602'],
  ['[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"error":{"code":7}}]', '7'],
  ['{"jsonrpc":"2.0","id":1,"error":{"Code":1,"code":2}}', '2'],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":"7"}}', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":1e99}}', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":12345678901}}', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":{"message":"7"}}', undefined],
  ['{"jsonrpc":"2.0","id":1,"error":7}', undefined],
  ['{"jsonrpc":"2.0","id":1,"result":{}}', undefined],
  ['error', undefined],
])('the code of the first error of %s is %s', (text, code) => {
  expect(readErrorCode(Buffer.from(text))).toBe(code)
})
