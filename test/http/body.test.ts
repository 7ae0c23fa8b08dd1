// A body that never comes: its client has left before anybody began to read it.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createBodyReader } from '../../src/http/body.ts'
import type { Inbound } from '../../src/http/inbound.ts'

test('M33 a body whose client left before it was read is refused at once', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nfou')
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  socket.resetAndDestroy()
  await expect.poll(() => request.destroyed).toBe(true)
  const read = createBodyReader({ deadlineMs: 60_000, maxBufferedBytes: 1_000 }, 1)
  const inbound = { request, response, fields: request.rawHeaders } as unknown as Inbound
  expect(await read(inbound, 100, 'a')).toEqual({
    ok: false,
    refusal: { reason: 'request_malformed', detail: 'the body broke off' },
  })
})
