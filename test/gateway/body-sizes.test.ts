// Bodies of every size reach the upstream as the bytes that were sent, whether they came with their head or after it.
import { expect, test } from 'vitest'
import { startTestGateway, toolCall } from '../support/gateway.ts'

test.each([100, 60_000, 65_302, 65_536, 100_000, 1_000_000])(
  'a body of about %i bytes arrives whole',
  async (size) => {
    const gateway = await startTestGateway()
    const body = JSON.stringify({
      ...toolCall('safe'),
      params: { name: 'safe', arguments: { text: 'x'.repeat(size) } },
    })
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await gateway.post(body)).status),
    )
    expect(statuses).toEqual([200, 200, 200, 200, 200])
    expect(gateway.upstream.received.map((request) => request.body.toString() === body)).toEqual(
      statuses.map(() => true),
    )
    await gateway.close()
  },
)
