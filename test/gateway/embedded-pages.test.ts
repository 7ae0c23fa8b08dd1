// What a generation serves beside its routes, at its end. Its parts are doubles here: only the order of their ends counts.
import { expect, test } from 'vitest'
import type { AuthorizationServer } from '../../src/as/contract.ts'
import { createRequestIdContext } from '../../src/as/request-id-context.ts'
import { combine } from '../../src/gateway/embedded-pages.ts'

test('a drain may close what a reload is closing already: both wait for the one end', async () => {
  const end = Promise.withResolvers<void>()
  let closed = 0
  const server = {
    close() {
      closed += 1
      return end.promise
    },
  } as Partial<AuthorizationServer> as AuthorizationServer
  const pages = combine(server, undefined, createRequestIdContext())
  const both = [pages.close(), pages.close()]
  const ended = Promise.all(both).then(() => 'ended')
  expect(await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, 'open'))])).toBe('open')
  end.resolve()
  expect(await ended).toBe('ended')
  await pages.close()
  expect(closed).toBe(1)
})
