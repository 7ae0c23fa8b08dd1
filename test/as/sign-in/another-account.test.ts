// Somebody who came with the wrong account, or said no at the provider: the sign-in page again with the reason, another
// account to choose, and the client that waits gets its person in the end.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import { auth, type Elsewhere, startElsewhere } from '../support/elsewhere.ts'
import { startProvider } from '../support/provider.ts'
import { expectConsent, NOBODY, startWay, type Way } from '../support/way.ts'

let way: Way
let agent: Agent
beforeEach(async () => {
  way = await startWay({ ...NOBODY, subjects: ['sub-1'] })
  agent = createAgent()
})
afterEach(() => way.close())

/** Presses the button on a page, and where the provider is then asked. */
async function askedAt(page: Answer): Promise<URLSearchParams> {
  const leave = await agent.press(page, 'provider', 'fake', { with: 'provider' })
  const leaving = await agent.get(leave.location ?? '')
  const url = /content="0; url=([^"]*)"/.exec(leaving.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
  return new URL(url).searchParams
}

const reasons: readonly (readonly [string, () => void, string])[] = [
  ['the wrong account', () => wrongAccount(), 'may not sign in here'],
  ['no at the provider', () => deny(), 'stopped at the provider'],
  ['an answer that is wrong', () => Object.assign(way.provider.idToken, { nonce: 'x' }), 'not be signed in'],
  ['a provider that is silent', () => silence(), 'does not answer'],
]

function wrongAccount(): void {
  way.provider.idToken = { sub: 'sub-2' }
  way.provider.userinfo = { sub: 'sub-2' }
}

function deny(): void {
  way.provider.redirect = (callback) => {
    callback.searchParams.delete('code')
    callback.searchParams.set('error', 'access_denied')
    return callback
  }
}

function silence(): void {
  way.provider.redirect = (callback) => {
    way.provider.down = true
    return callback
  }
}

describe('at an outside provider', () => {
  test.each(reasons)(
    '%s: the page again with the reason, and then another account',
    async (_what, spoil, words) => {
      spoil()
      const page = await way.signIn(agent)
      expect([page.status, page.body.includes('Notes for Claude')]).toEqual([200, true])
      expect(page.body).toContain(words)
      Object.assign(way.provider, { down: false, idToken: {}, redirect: (callback: URL) => callback })
      way.provider.userinfo = { sub: 'sub-1' }
      expect((await askedAt(page)).get('prompt')).toBe('select_account')
      expectConsent(await agent.follow(await agent.get(await way.departFrom(agent, page))))
    },
  )

  test('a page in another tab of the same browser says nothing of it', async () => {
    deny()
    await way.signIn(agent)
    const other = await begin()
    expect([other.status, other.body.includes('role="alert"')]).toEqual([200, false])
  })

  test('the first time nothing is asked of the provider', async () => {
    expect((await askedAt(await begin())).has('prompt')).toBe(false)
  })
})

async function begin(): Promise<Answer> {
  return await agent.follow(await agent.get(way.scene.authorizeUrl()))
}

describe('on the consent page', () => {
  test('“Use another account” signs out, and the same client’s request goes on from the sign-in', async () => {
    const consent = await way.signIn(agent)
    const page = await agent.follow(await agent.press(consent, 'answer', 'another'))
    expect(page.body).toContain('Sign in to let Notes for Claude use')
    expect(way.scene.events.at(-1)).toMatchObject({ event: 'signed_out', subject: 'fake:sub-1' })
    expect(way.scene.callbacks).toEqual([])
    expect((await askedAt(page)).get('prompt')).toBe('select_account')
    const again = await agent.follow(await agent.get(await way.departFrom(agent, page)))
    expectConsent(again)
    await agent.follow(await agent.press(again, 'answer', 'allow'))
    const [callback] = way.scene.callbacks
    expect(callback?.searchParams.get('state')).toBe('state-of-client')
    expect(callback?.searchParams.has('code')).toBe(true)
  })

  test('a client that asks for select_account gets a person who chose', async () => {
    await way.signIn(agent)
    const url = way.scene.authorizeUrl('client-1', { prompt: 'select_account' })
    const page = await agent.follow(await agent.get(url))
    expect(page.body).toContain('Sign in to let Notes for Claude use')
  })
})

describe('where browsers sign in at an issuer elsewhere', () => {
  test('a refused person may try again with another account', async () => {
    const provider = await startProvider()
    const gateway: Elsewhere = await startElsewhere(provider.url)
    provider.accessToken = { aud: 'somebody-else', scope: 'notes:read' }
    const refused = await agent.follow(await agent.get(auth(gateway, 'login')))
    expect(refused.status).toBe(400)
    const again = /<a href="([^"]*)">Try again/.exec(refused.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    provider.accessToken = { aud: `${gateway.origin}/notes/mcp`, scope: 'notes:read' }
    const begun = await agent.get(gateway.origin + again)
    expect(new URL(begun.location ?? '').searchParams.get('prompt')).toBe('select_account')
    expect((await agent.follow(begun)).body).toContain('You are signed in.')
    await gateway.close()
    await provider.close()
  })
})
