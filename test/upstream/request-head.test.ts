// The head of a request to an upstream, byte by byte.
import { expect, test } from 'vitest'
import { writeRequestHead } from '../../src/upstream/request-head.ts'

const lines = 'host: a\r\n'

test('request line, header lines, length of the body, empty line', () => {
  const body = Buffer.from('{"a":"ä"}')
  expect(writeRequestHead({ method: 'POST', target: '/mcp?a=b', lines, body })).toBe(
    'POST /mcp?a=b HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n',
  )
})

test('a request without a body says no length', () => {
  expect(writeRequestHead({ method: 'GET', target: '/mcp', lines, body: undefined })).toBe(
    'GET /mcp HTTP/1.1\r\nhost: a\r\n\r\n',
  )
})

test.each(['/mcp\r\nx-mcp-subject: admin', '/mcp HTTP/1.1', '/m\ncp', '/ä', ''])(
  'SECURITY: a target that would begin another line or word is not written: %j',
  (target) => {
    expect(() => writeRequestHead({ method: 'GET', target, lines, body: undefined })).toThrow('encoded')
  },
)
