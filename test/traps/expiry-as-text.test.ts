// An expiry that is text is never less than a number. It is parsed, and needed.
import { expect, test } from 'vitest'
import { call, expectUnauthorized, openWacht } from './trap.ts'

test.each(['2020-01-01T00:00:00Z', undefined, 'never'])('T-05: expires_at %s', async (expires) => {
  const { gateway, wacht } = await openWacht()
  wacht.allowed = { metadata: { expires_at: expires } }
  expectUnauthorized(await call(gateway, 'good.1'), gateway)
  expect(gateway.audit().at(-1)).toMatchObject({ check: 'expiry' })
})
