// Lists in event streams or compressed bodies went through unfiltered.
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sendEvents } from '../support/upstream.ts'
import { open } from './trap.ts'

const LIST = { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'safe' }, { name: 'danger' }] } }
const ASK = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

test('T-20: an event stream is filtered', async () => {
  const gateway = await open()
  gateway.upstream.respond = (_request, response) =>
    sendEvents(response, [`event: message\ndata: ${JSON.stringify(LIST)}\n\n`])
  const text = await (await gateway.post(ASK)).text()
  expect(text).toContain('safe')
  expect(text).not.toContain('danger')
})

test('T-20: a compressed list is withheld', async () => {
  const gateway = await open()
  gateway.upstream.respond = (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(JSON.stringify(LIST)))
  const response = await gateway.post(ASK)
  expect(response.status).toBe(502)
  expect(gateway.upstream.received[0]?.headers['accept-encoding']).toBe('identity')
})
