// What a call was refused for a moment ago is offered on the next consent page of the same person, client and resource,
// once, apart from what is asked for, and not ticked.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPasswords } from '../../../src/as/sign-in/passwords.ts'
import type { ScopeGrant } from '../../../src/core/settings-as.ts'
import type { Agent, Answer } from '../support/agent.ts'
import { clientOf, PASSWORD, RESOURCE, type Scene, startScene } from '../support/scene.ts'
import { agentOf, leaveWith, openSignIn, PUBLIC, SITE, siteUrl } from './steps.ts'

const ALL = { domains: [], groups: [], providers: [] }
const GRANTS: readonly ScopeGrant[] = [
  { who: { ...ALL, subjects: ['*'] }, scopes: ['notes:read'] },
  { who: { ...ALL, subjects: ['alice', 'bob'] }, scopes: ['notes:write'] },
]

let scene: Scene
beforeAll(async () => {
  const clients = ['site', 'other'].map((id) => clientOf(id, id, SITE))
  clients.push({ ...clientOf('silent', 'silent', SITE), application_type: 'web' }) // asked once
  scene = await startScene({ publicUrl: PUBLIC, clients, settings: { grants: GRANTS } })
  for (const name of ['bob', 'carol'])
    await scene.users.add(name, (await createPasswords().hash(PASSWORD)) ?? '')
})
beforeEach(() => {
  scene.clock.now += 601_000 // what an earlier test has left is over
})
afterAll(() => scene.close())

const HEADING = 'Asked for by a refused call'

function refuseCall(
  subject = 'alice',
  clientId = 'site',
  missing: readonly string[] = ['notes:write'],
): void {
  scene.server.noteRefused({
    ...{ subject, clientId, missing, resource: RESOURCE, grantId: 'grant', token: 'token' },
    ...{ tokenExpiresAt: scene.clock.now + 3_600_000, isChallenged: true },
  })
}

async function signIn(name = 'alice', client = 'site', more = {}): Promise<readonly [Agent, Answer]> {
  const agent = agentOf(scene)
  const page = await openSignIn(agent, siteUrl(scene, client, { scope: 'notes:read', ...more }))
  const signedIn = await agent.press(page, 'with', 'password', { name, password: PASSWORD })
  return [agent, await agent.follow(signedIn)]
}

/** What the token endpoint says of the code that came back. */
async function redeem(back: URL, client = 'site'): Promise<Record<string, unknown>> {
  const answer = await fetch(`${scene.listening}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: client, redirect_uri: SITE },
      ...{ code: back.searchParams.get('code') ?? '', code_verifier: 'v'.repeat(43) },
    }),
  })
  return (await answer.json()) as Record<string, unknown>
}

const answer = async (agent: Agent, page: Answer, fields: Readonly<Record<string, string>> = {}) =>
  leaveWith(agent, await agent.press(page, 'answer', 'allow', fields))

const told = () => scene.events.filter(({ event }) => event === 'step_up_offered').map(({ detail }) => detail)

describe('what a call was refused for', () => {
  test('stands apart, in words, not ticked; ticked, it is granted and named in the answer', async () => {
    scene.events.length = 0
    refuseCall()
    const [agent, page] = await signIn()
    expect(page.body).toContain(HEADING)
    expect(page.body).toMatch(/<input type="checkbox" name="offered" value="notes:write">/)
    expect(page.body.split(HEADING)[0]).not.toContain('Create and change notes')
    const tokens = await redeem(await answer(agent, page, { offered: 'notes:write' }))
    expect(tokens['scope']).toBe('notes:read notes:write')
    expect(told()).toEqual(['offered notes:write; ticked notes:write'])
    expect(scene.events).toContainEqual(
      expect.objectContaining({ event: 'consent', detail: 'notes:read notes:write' }),
    )
  })

  test('left as it is, it is not granted; the audit tells that too', async () => {
    scene.events.length = 0
    refuseCall()
    const [agent, page] = await signIn()
    const { scope } = await redeem(await answer(agent, page))
    expect([scope, told()]).toEqual(['notes:read', ['offered notes:write; ticked nothing']])
  })

  test('the page shown again in the same browser offers the same', async () => {
    refuseCall()
    const [agent, page] = await signIn()
    const again = await agent.get(page.url)
    expect(again.body).toContain(HEADING)
    const { scope } = await redeem(await answer(agent, again, { offered: 'notes:write' }))
    expect(scope).toBe('notes:read notes:write')
  })
})

describe('A75: nothing is offered', () => {
  const expectNothing = ([, page]: readonly [Agent, Answer]) => {
    expect(page.body).toContain('value="allow"')
    expect(page.body).not.toContain(HEADING)
  }

  test('a second time', async () => {
    refuseCall()
    expect((await signIn())[1].body).toContain(HEADING)
    expectNothing(await signIn())
  })

  test('to another person, or another client', async () => {
    refuseCall()
    expectNothing(await signIn('bob'))
    expectNothing(await signIn('alice', 'other'))
  })

  test('that grants does not allow, or that is asked for anyway', async () => {
    refuseCall('carol')
    expectNothing(await signIn('carol'))
    refuseCall()
    expectNothing(await signIn('alice', 'site', { scope: 'notes:read notes:write' }))
  })

  test('after ten minutes', async () => {
    refuseCall()
    scene.clock.now += 601_000
    expectNothing(await signIn())
  })

  test('where no page is shown: agreed before, with prompt=none too', async () => {
    const [agent, page] = await signIn('alice', 'silent')
    await answer(agent, page)
    refuseCall('alice', 'silent')
    for (const more of [{}, { prompt: 'none' }]) {
      const url = siteUrl(scene, 'silent', { scope: 'notes:read', ...more })
      const back = new URL((await agent.follow(await agent.get(url))).location ?? '')
      expect((await redeem(back, 'silent'))['scope']).toBe('notes:read')
    }
  })

  test('and a tick for what was not offered gives nothing', async () => {
    const [agent, page] = await signIn()
    const { scope } = await redeem(await answer(agent, page, { offered: 'notes:write' }))
    expect(scope).toBe('notes:read')
  })

  test('where the form of a page without the offer is sent for one with it', async () => {
    const [agent, page] = await signIn()
    refuseCall()
    const withOffer = await agent.get(page.url)
    expect(withOffer.body).toContain(HEADING)
    const sent = await agent.press(page, 'answer', 'allow', { offered: 'notes:write' })
    expect(sent.status).toBe(403)
  })
})
