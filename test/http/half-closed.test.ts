// A client that ends its half of the connection has left: what it asked is not answered, and nobody is served less.
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { aimAt, post } from '../support/attack.ts'
import { startTestGateway } from '../support/gateway.ts'

test('L48 half a connection is no caller any more', async () => {
  const gateway = await startTestGateway()
  const { hostname, port } = new URL(gateway.origin)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  const bytes: Buffer[] = []
  const ended = new Promise((resolve) =>
    socket.on('data', (piece: Buffer) => bytes.push(piece)).on('close', resolve),
  )
  socket.end(post(aimAt(gateway)))
  await ended
  expect(Buffer.concat(bytes).toString()).toBe('')
  expect((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(200)
  await gateway.close()
})
