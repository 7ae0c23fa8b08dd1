// What one address does wrong at the pages of signing in is counted as of that address.
import { expect, test } from 'vitest'
import { createAgent } from '../support/agent.ts'
import { PASSWORD, RESOURCE, startScene } from '../support/scene.ts'

test('H3: what fails for one address does not keep anybody else from signing in', async () => {
  const route = {
    name: 'notes',
    issuer: 'home',
    resource: RESOURCE,
    scopes: ['notes:read'],
    allowedOrigins: [],
  }
  const scene = await startScene({ browser: [route] })
  const auth = (path: string) => `${scene.origin}/auth/${path}`
  const redeemNothing = async () => {
    const agent = createAgent()
    const { searchParams } = new URL((await agent.get(auth('login'))).location ?? '')
    const answer = { code: 'x'.repeat(43), state: searchParams.get('state') ?? '', iss: scene.origin }
    return (await agent.get(`${auth('callback')}?${new URLSearchParams(answer)}`)).status
  }
  for (let round = 0; round < 31; round++)
    expect(new Set(await Promise.all(Array.from({ length: 10 }, redeemNothing)))).toEqual(new Set([400]))
  scene.caller.address = '198.51.100.9'
  const agent = createAgent()
  const page = await agent.follow(await agent.get(auth('login')))
  const consent = await agent.follow(
    await agent.press(page, 'with', 'password', { name: 'alice', password: PASSWORD }),
  )
  const done = await agent.follow(await agent.press(consent, 'answer', 'allow'))
  expect(done.body).toContain('You are signed in.')
  await scene.close()
})
