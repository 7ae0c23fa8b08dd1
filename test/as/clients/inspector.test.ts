// The MCP Inspector as it was seen: a probe in the way of 2026-07-28, callbacks of its web page and of its command
// line, and a step-up with what it holds and what it lacks.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modern } from '../../support/messages.ts'
import { authorize, type ClientHabits, signIn } from './sign-in.ts'
import { expectToken, walk } from './walk.ts'
import { ask, callTool, post, startWhole, type Whole } from './whole.ts'

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

const habits = (redirectUri: string): ClientHabits => ({
  redirectUri,
  registration: {
    client_name: 'MCP Inspector',
    client_uri: 'https://github.com/modelcontextprotocol/inspector',
  },
  resource: whole.resource,
  scope: 'notes:read',
  state: 's',
})

describe('Inspector (Q-19)', () => {
  test('a clean 401 on server/discover', async () => {
    const { body, headers } = modern('server/discover')
    const answer = await post(whole.resource, body, headers)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata="/)
    expect(answer.headers.get('content-type')).toContain('application/json')
  })

  test.each([
    ['its web page', 'http://localhost:6274/oauth/callback'],
    ['its debugger', 'http://localhost:6274/oauth/callback/debug'],
    ['its command line', 'http://127.0.0.1:6276/oauth/callback'],
  ])('%s', async (_, redirectUri) => {
    await walk(whole, habits(redirectUri))
  })

  test('META-09: its page may read the metadata of the server from another origin', async () => {
    const headers = { origin: 'http://localhost:6274' }
    const server = await ask(`${whole.origin}/.well-known/oauth-authorization-server`, { headers })
    expect(server.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('CHL-11: one more scope, beside what it holds, with one page for the person', async () => {
    const person = whole.person()
    const web = habits('http://localhost:6274/oauth/callback')
    const session = await signIn(whole, web, person)
    expect((await callTool(whole, session.accessToken, 'danger')).status).toBe(403)
    person.takePages()
    const more = await authorize(whole, { ...web, scope: 'notes:read notes:write' }, session.clientId, person)
    expect(person.takePages()).toMatchObject([
      {
        heading: expect.stringMatching(/^MCP Inspector wants to do more with /),
        asked: ['notes:write new', 'notes:read'],
      },
    ])
    expectToken(whole, more.token, 'notes:read notes:write')
    expect((await callTool(whole, more.accessToken, 'danger')).status).toBe(200)
  })
})
