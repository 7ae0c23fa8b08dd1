// The one line of the process log when a limit begins to refuse.
import { expect, test } from 'vitest'
import { createLimitLines } from '../../src/observe/limit-lines.ts'
import { createLog } from '../../src/observe/log.ts'
import { startTestGateway, toolCall } from '../support/gateway.ts'

function told() {
  const lines: string[] = []
  const clock = { now: 0 }
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const limits = createLimitLines({ log, now: () => clock.now })
  return { clock, limits, take: () => lines.splice(0).map((line) => JSON.parse(line)) }
}

const overloaded = {
  route: 'notes',
  refusal: { reason: 'overloaded', detail: 'too many streams are open' },
} as const

test('once, until it was quiet for ten minutes', () => {
  const { clock, limits, take } = told()
  limits.record(overloaded)
  expect(take()).toMatchObject([{ event: 'limit', route: 'notes', limit: 'too many streams are open' }])
  for (let minute = 1; minute <= 30; minute += 1) {
    clock.now = minute * 60_000
    limits.record(overloaded)
  }
  expect(take()).toEqual([])
  clock.now += 600_000
  limits.record(overloaded)
  expect(take()).toHaveLength(1)
})

test('each limit, and each route, by itself; other refusals are no limit', () => {
  const { limits, take } = told()
  limits.record(overloaded)
  limits.record({ ...overloaded, route: 'mail' })
  limits.record({ route: 'notes', refusal: { reason: 'call_forbidden', rule: 'no', denial: 'http' } })
  limits.record({ route: 'notes', refusal: undefined })
  expect(take()).toHaveLength(2)
})

test('what the authorization server refuses by a limit', () => {
  const { limits, take } = told()
  const refused = { event: 'refused', actor: 'unknown', endpoint: '/register' }
  limits.event({ ...refused, reason: 'too_many' })
  limits.event({ ...refused, reason: 'too_many' })
  limits.event({ ...refused, reason: 'invalid_request' })
  limits.event({ event: 'sign_in_refused', actor: 'unknown', reason: 'too_many', detail: 'locked' })
  expect(take()).toMatchObject([
    { event: 'limit', limit: '/register' },
    { event: 'limit', limit: 'sign_in_refused' },
  ])
})

test('a rate of a route, over the socket', async () => {
  const gateway = await startTestGateway({ route: '    limits: { rate: { per_subject: 2/h } }' })
  try {
    gateway.upstream.respond = (_request, response) => response.writeHead(202).end()
    const statuses = []
    for (const _ of [1, 2, 3, 4]) statuses.push((await gateway.post(toolCall('safe'))).status)
    expect(statuses).toEqual([202, 202, 429, 429])
    const lines = gateway.log.filter((line) => line.includes('"event":"limit"'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('per_subject')
  } finally {
    await gateway.close()
  }
})
