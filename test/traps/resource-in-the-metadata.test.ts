// The sample leaves out `resource` and the metadata URL. Both follow from the route.
import { expect, test } from 'vitest'
import { call, challengeOf, open } from './trap.ts'

test('T-36: the audience is the resource, and the challenge names its metadata', async () => {
  const gateway = await open()
  const response = await fetch(gateway.resource, { method: 'POST' })
  const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challengeOf(response)) ?? []
  expect(await (await fetch(url)).json()).toMatchObject({ resource: gateway.resource })
  expect((await call(gateway, gateway.token('a', { aud: gateway.resource }))).status).toBe(200)
})
