// Cursor as it was seen: registration only, a redirect address of its own scheme beside others, no `state`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorize, signIn } from './sign-in.ts'
import { walk } from './walk.ts'
import { ask, startWhole, type Whole } from './whole.ts'

const OWN_SCHEME = 'cursor://anysphere.cursor-mcp/oauth/callback'
const REGISTERED = [
  OWN_SCHEME,
  'https://www.cursor.com/agents/mcp/oauth/callback',
  'http://localhost:8787/callback',
]

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

describe('Cursor (Q-16)', () => {
  test.each([
    ['DCR-03, AS-09: its own scheme, without state', OWN_SCHEME],
    ['DCR-03, AS-09: its web page, without state', 'https://www.cursor.com/agents/mcp/oauth/callback'],
    ['DCR-03, AS-09: loopback, another port, without state', 'http://localhost:8788/callback'],
  ])('%s', async (_, redirectUri) => {
    const registration = { client_name: 'Cursor', client_uri: '', scope: '' }
    await walk(whole, { redirectUri, registeredUris: REGISTERED, registration, resource: whole.resource })
  })

  test('A34: its own scheme may be anybody on the machine, so the person is asked each time', async () => {
    const person = whole.person()
    const habits = { redirectUri: OWN_SCHEME, registeredUris: REGISTERED, resource: whole.resource }
    const { clientId } = await signIn(whole, habits, person)
    person.takePages()
    await authorize(whole, habits, clientId, person)
    expect(person.takePages().map(({ heading }) => heading)).toEqual([expect.stringMatching(/ again$/)])
  })

  test('SSE-06: its fall back to HTTP+SSE hears the same 401, never a stream', async () => {
    const answer = await ask(whole.resource, { headers: { accept: 'text/event-stream' } })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('resource_metadata=')
  })
})
