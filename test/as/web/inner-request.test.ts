// The body of a request to the authorization server: read whole, or told apart from one that is too long or broke off.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readWhole } from '../../../src/as/web/inner-request.ts'

test.each([
  ['whole', 'four', 4, 'four'],
  ['too long', 'four', 3, undefined],
  ['broken off', 'fou', 4, undefined],
])('a body that is %s', async (_what, body, limitBytes, expected) => {
  const server = createServer()
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n${body}`)
  const [request] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  const reading = readWhole(request, limitBytes)
  if (body.length < 4) socket.resetAndDestroy()
  expect((await reading)?.toString()).toBe(expected)
  socket.destroy()
})
