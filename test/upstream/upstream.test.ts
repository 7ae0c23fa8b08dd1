// An upstream as the exchange sees it, where it differs from its connections: what it says once it is shut down.
import { expect, test } from 'vitest'
import { createUpstream } from '../../src/upstream/upstream.ts'
import { startRawUpstream } from '../support/raw-upstream.ts'
import { GET_REQUEST, writeHeaders } from '../support/upstream-request.ts'

test('after its end an upstream takes nothing, and opens no connection', async () => {
  const server = await startRawUpstream()
  const upstream = createUpstream(
    {
      ...{
        url: server.url,
        transport: 'http',
        ca: undefined,
        passQuery: false,
        badRequestEndsSession: false,
        keepAliveMs: 4_000,
      },
      ...{ connectTimeoutMs: 3_000, timeoutMs: 5_000, idleTimeoutMs: 7_000 },
    },
    'notes',
    writeHeaders,
    { streams: 10, sharePerCaller: 0.25 },
  )
  upstream.close()
  const sent = upstream.send({
    ...{ caller: 'a', isStream: false, bufferJsonUpTo: 0 },
    ...GET_REQUEST,
  })
  expect(await sent.reply).toEqual({
    ok: false,
    refusal: { reason: 'overloaded', detail: 'the gateway is stopping', retryAfterSeconds: 1 },
  })
  sent.abort()
  expect(server.sockets).toEqual([])
  await server.close()
})
