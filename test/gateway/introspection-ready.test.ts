// A gateway whose tokens are all introspected is not ready while that cannot work, and says at the start why.
import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway } from '../support/gateway.ts'

const INTROSPECTION = `
    validation: introspection
    introspection: { client_id: portcullis, client_secret: "\${SECRET}" }`

test.each([
  ['wrong credentials', { status: 401 }, 'it refuses our client credentials'],
  ['an endpoint that is not there', { status: 404 }, 'introspection answered 404'],
] as const)('/readyz with %s', async (_name, fault, why) => {
  const gateway = await startTestGateway({
    issuer: INTROSPECTION,
    env: { SECRET: 's3cret' },
    prepare: ({ issuer }) => {
      issuer.faults.introspection = fault
    },
  })
  onTestFinished(() => gateway.close())
  expect(gateway.log.join('')).toContain(`issuer as1: ${why}`)
  const ready = () => fetch(`${gateway.running.adminOrigin}/readyz`)
  const answer = await ready()
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain(why)
  delete gateway.issuer.faults.introspection
  await expect.poll(async () => (await ready()).status, { timeout: 15_000, interval: 500 }).toBe(200)
})
