// What the log says of parts that go and come back. The parts are values here; that an upstream reports itself is tested
// over a real one below.
import { expect, test } from 'vitest'
import type { PartStatus } from '../../src/core/route.ts'
import { createPartChanges } from '../../src/gateway/part-changes.ts'
import { createLog } from '../../src/observe/log.ts'
import { startTestGateway, toolCall } from '../support/gateway.ts'

function watched() {
  const lines: string[] = []
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  let routes: readonly (readonly PartStatus[])[] = []
  const look = createPartChanges({
    generation: () => ({
      status: () => routes.map((parts, index) => ({ name: `route ${index}`, parts })),
      signInStatus: () => [],
    }),
    log,
  })
  return (...now: readonly (readonly PartStatus[])[]) => {
    routes = now
    look()
    return lines.splice(0).map((line) => JSON.parse(line))
  }
}

const part = (name: string, ready: boolean, lastError?: string): PartStatus => ({
  ...{ name, ready, ageMs: undefined, lastError },
})

test('one line when it goes and one when it is back, however many routes have it', () => {
  const look = watched()
  expect(look([part('corp', true)], [part('corp', true)])).toEqual([])
  const down = part('corp', false, 'ECONNREFUSED')
  expect(look([down], [down])).toMatchObject([{ event: 'part_down', part: 'corp', error: 'ECONNREFUSED' }])
  expect(look([down], [down])).toEqual([])
  expect(look([part('corp', true, 'ECONNREFUSED')])).toEqual([]) // tried again, without a success yet
  expect(look([part('corp', true)])).toMatchObject([{ event: 'part_up', part: 'corp', seconds: 0 }])
  expect(look([part('corp', true)])).toEqual([])
})

test('a part that a reload took away is forgotten', () => {
  const look = watched()
  const down = part('corp', false, 'ECONNREFUSED')
  expect(look([down])).toHaveLength(1)
  expect(look([])).toEqual([])
  expect(look([down])).toHaveLength(1)
})

test('an upstream that is down is told by the gateway itself', async () => {
  const gateway = await startTestGateway()
  try {
    gateway.upstream.respond = (_request, response) => response.destroy()
    expect((await gateway.post(toolCall('safe'))).status).toBe(502)
    await expect.poll(() => gateway.log.join(''), { timeout: 20_000 }).toContain('"event":"part_down"')
    gateway.upstream.respond = (_request, response) => response.writeHead(202).end()
    expect((await gateway.post(toolCall('safe'))).status).toBe(202)
    await expect.poll(() => gateway.log.join(''), { timeout: 20_000 }).toContain('"event":"part_up"')
  } finally {
    await gateway.close()
  }
})
