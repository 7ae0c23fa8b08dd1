// claude.ai and Claude Desktop connectors as they were seen: a scope of their own making, no scope at refresh,
// two backends that refresh with one token, and a session for each call.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientHabits, refresh, signIn } from './sign-in.ts'
import { discover, expectToken, walk } from './walk.ts'
import { callTool, startWhole, type Whole } from './whole.ts'

const REDIRECT = 'https://claude.ai/api/mcp/auth_callback'

let whole: Whole
let habits: ClientHabits

beforeAll(async () => {
  whole = await startWhole()
  habits = {
    redirectUri: REDIRECT,
    registration: { client_name: 'Claude' },
    resource: whole.resource,
    state: 's',
  }
})
afterAll(() => whole.close())

describe('claude.ai (Q-14)', () => {
  test('PRM-08: the resource is the URL that was typed, path and all', async () => {
    const { resource } = await discover(whole, { method: 'POST' })
    expect(resource['resource']).toBe(whole.resource)
  })

  test.each([
    ['AS-08: scope=claudeai is dropped, the baseline stays', 'claudeai'],
    ['the scopes of the challenge', 'notes:read'],
    ['no scope at all', undefined],
  ])('%s', async (_, scope) => {
    const { scope: __, ...rest } = habits
    await walk(whole, scope === undefined ? rest : { ...rest, scope })
  })

  test('AS-04: two backends refresh with one token at once, and both hold what works', async () => {
    const { clientId, refreshToken } = await signIn(whole, habits)
    const answers = await Promise.all([1, 2].map(() => refresh(whole, clientId, refreshToken)))
    for (const answer of answers) {
      expectToken(whole, answer)
      expect((await callTool(whole, String(answer.json['access_token']))).status).toBe(200)
    }
    const [one, other] = answers.map(({ json }) => json['refresh_token'])
    expect(one).toBe(other)
    expectToken(whole, await refresh(whole, clientId, String(one)))
  })

  test('a new session for each call costs nothing and needs nothing', async () => {
    const { accessToken } = await signIn(whole, habits)
    const statuses = await Promise.all([1, 2, 3].map(() => callTool(whole, accessToken)))
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200])
  })
})
