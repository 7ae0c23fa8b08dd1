// Documented as a 403, a denial was told in-band with status 200. Here the file says which; http is the default.
import { expect, test } from 'vitest'
import { call, open } from './trap.ts'

const RULES = '- { name: no, effect: deny, tools: [forbidden] }'

test.each([
  ['http', 403],
  ['in_band', 200],
])('T-15: denial %s is status %d', async (denial, status) => {
  const gateway = await open({ policy: `\n      denial: ${denial}\n      rules:\n        ${RULES}` })
  const response = await call(gateway, gateway.token(), 'forbidden')
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ id: 1, error: { data: { error: 'access_denied' } } })
})

test('T-15: http is the default', async () => {
  const gateway = await open()
  expect((await call(gateway, gateway.token(), 'forbidden')).status).toBe(403)
})
