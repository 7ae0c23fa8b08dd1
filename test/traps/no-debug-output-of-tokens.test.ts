// A debug switch printed codes and tokens. Nothing at any level does.
import { expect, test } from 'vitest'
import { call, open } from './trap.ts'

test('T-42: no token in the log or the audit, at the level debug', async () => {
  const gateway = await open()
  const shown = [gateway.token(), gateway.token('a', { exp: 1 }), 'opaque-canary-token']
  for (const token of shown) await call(gateway, token)
  const written = gateway.log.join('') + JSON.stringify(gateway.audit())
  expect(written.length).toBeGreaterThan(100)
  for (const token of shown) expect(written).not.toContain(token.split('.').at(-1))
})
