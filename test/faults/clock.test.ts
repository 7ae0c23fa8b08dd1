// F09, F12, F20: the clock is wrong, stands still, or is no number. Whatever it says, nothing is accepted that it
// cannot vouch for.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await gateway.close()
})

const call = (token: string) => gateway.post(toolCall('safe'), { authorization: `Bearer ${token}` })

test.each([0, -1])('F20 a clock that says %d: no token is accepted', async (now) => {
  const token = gateway.token()
  vi.spyOn(Date, 'now').mockReturnValue(now)
  expect((await call(token)).status).toBe(401)
  expect(gateway.upstream.received).toEqual([])
})

describe('F09 a clock ten minutes off', () => {
  test.each([
    ['ahead', 700_000, 'expiry'],
    ['behind', -700_000, 'not_before'],
  ])('%s: refused, with the reason for the operator', async (_, offMs, check) => {
    const token = gateway.token('a', { nbf: Math.floor(Date.now() / 1_000) })
    const real = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(real + offMs)
    expect((await call(token)).status).toBe(401)
    expect(gateway.audit().at(-1)).toMatchObject({ reason: 'token_rejected', check })
    expect(gateway.upstream.received).toEqual([])
  })
})

test('F12 a token that expired while the process stood still is refused, known or not', async () => {
  const token = gateway.token('a', { exp: Math.floor(Date.now() / 1_000) + 60 })
  expect((await call(token)).status).toBe(200)
  const real = Date.now()
  vi.spyOn(Date, 'now').mockReturnValue(real + 66_000)
  const response = await call(token)
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toContain('The access token expired')
  expect(gateway.upstream.received.length).toBe(1)
})
